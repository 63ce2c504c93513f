#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "fakes/run.hpp"
#include "fakes/server.hpp"
#include "http/curl/client.hpp"

// What the tests of the libcurl client share.

class Lines final : public base::Log {
 public:
  using base::Log::write;
  bool wants(base::Level) const override { return true; }
  void write(base::Level, std::string_view text, std::span<base::Field const>) override {
    lines.emplace_back(text);
  }
  std::vector<std::string> lines;
};

using Variables = std::map<std::string, std::string, std::less<>>;

class Transport : public testing::Test {
 protected:
  base::Result<std::unique_ptr<http::curl::Client>> make(Variables variables = {}, std::string ca_file = {}) {
    http::curl::Settings settings;
    settings.ca_file = std::move(ca_file);
    settings.user_agent = "edw-test";
    return http::curl::Client::make(loop.get_executor(), settings, base::Environment(std::move(variables)),
                                    log);
  }

  base::Result<http::Response> send(http::Client& through, http::Request request) {
    return fakes::run(loop, through.send(request));
  }
  base::Result<http::Response> send(http::Request request) { return send(*client, std::move(request)); }

  boost::asio::io_context loop;
  Lines log;
  std::unique_ptr<http::curl::Client> client = make().value();
};
