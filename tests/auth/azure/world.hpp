#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "auth/azure/identity.hpp"
#include "base/encoding.hpp"
#include "fakes/certificate.hpp"
#include "fakes/client.hpp"
#include "fakes/clock.hpp"
#include "fakes/run.hpp"

// Keeps every line, with headers: what a person sees at trace level.
class Lines final : public base::Log {
 public:
  using base::Log::write;
  bool wants(base::Level) const override { return true; }
  void write(base::Level, std::string_view text, std::span<base::Field const> fields) override {
    all += std::string(text) + '\n';
    for (auto const& field : fields) all += std::string(field.key) + '=' + std::string(field.value) + '\n';
  }
  std::string all;
};

// The identity chain on scripted replies and simulated time.
class World : public testing::Test {
 protected:
  using Variables = std::map<std::string, std::string, std::less<>>;

  void set(std::string const& name, std::string const& value) {
    variables[name] = value;
    environment = base::Environment(variables);
  }
  std::string token_file(std::string const& text) {
    auto const path = folder.write("token", text);
    set("AZURE_FEDERATED_TOKEN_FILE", path);
    return path;
  }
  void application() {
    set("AZURE_TENANT_ID", "my-tenant");
    set("AZURE_CLIENT_ID", "my-client");
  }
  auth::azure::Identity& identity() {
    if (!identity_)
      identity_ = auth::azure::Identity::make(client, *clock_used, random, environment, log).value();
    return *identity_;
  }
  base::Result<auth::azure::AccessToken> get() {
    return fakes::run(loop, identity().token(std::stop_token()));
  }
  std::string failure() {
    auto const token = get();
    return token ? "no failure" : describe(token.error());
  }
  static std::string reply_of(std::string const& token, int seconds = 3600) {
    return R"({"token_type":"Bearer","expires_in":)" + std::to_string(seconds) + R"(,"access_token":")" +
           token + "\"}";
  }
  static std::string refusal(std::string const& code, std::string const& text) {
    return R"({"error":"invalid_client","error_description":"AADSTS)" + code + ": " + text +
           R"( Trace ID: 1-2 Correlation ID: 3-4 Timestamp: 2026-11-22 01:00:00Z"})";
  }
  static std::map<std::string, std::string> form_of(http::Request const& request) {
    std::map<std::string, std::string> form;
    std::string_view rest = request.body;
    while (!rest.empty()) {
      auto const pair = rest.substr(0, rest.find('&'));
      rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
      auto const equals = pair.find('=');
      form[*base::percent_decode(pair.substr(0, equals))] = *base::percent_decode(pair.substr(equals + 1));
    }
    return form;
  }

  boost::asio::io_context loop;
  fakes::TempDir folder;
  fakes::Client client;
  fakes::Clock clock;
  base::Clock* clock_used = &clock;
  base::SeededRandom random{1};
  Variables variables{{"PATH", "/nowhere"}};
  base::Environment environment{variables};
  Lines log;

 private:
  std::shared_ptr<auth::azure::Identity> identity_;
};
