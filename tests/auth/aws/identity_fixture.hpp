#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "auth/aws/context.hpp"
#include "auth/aws/credentials.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "fakes/certificate.hpp"
#include "fakes/client.hpp"
#include "fakes/clock.hpp"
#include "fakes/run.hpp"

using Variables = std::map<std::string, std::string, std::less<>>;

// Everything that is logged, at every level.
struct Lines final : base::Log {
  using Log::write;
  bool wants(base::Level) const override { return true; }
  void write(base::Level, std::string_view line, std::span<base::Field const> fields) override {
    text.append(line);
    for (auto const& field : fields) text.append(" ").append(field.value);
    text += '\n';
  }
  std::string text;
};

// A provider on scripted replies, without the layer of retrying.
struct Identity : testing::Test {
  auth::aws::Context context(Variables variables, std::string region = {}) {
    environment = base::Environment(std::move(variables));
    return {client, client, *time, random, environment, log, std::move(region)};
  }
  base::Result<auth::aws::Credentials> get(auth::aws::Source& source) {
    return fakes::run(loop, source.get());
  }

  std::string sts(std::string const& key_id = "ASIAEXAMPLE",
                  std::string const& expiration = "2026-11-22T02:00:00Z") {
    return "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
           "<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>" +
           key_id +
           "</AccessKeyId><SecretAccessKey>hidden-key</SecretAccessKey><SessionToken>hidden-session" +
           "</SessionToken><Expiration>" + expiration +
           "</Expiration></Credentials></AssumeRoleWithWebIdentityResult></"
           "AssumeRoleWithWebIdentityResponse>";
  }
  static std::string refusal(std::string const& code, std::string const& message = "words") {
    return "<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code><Message>" + message +
           "</Message></Error><RequestId>r</RequestId></ErrorResponse>";
  }
  static std::string json(std::string const& token_key = "Token") {
    return R"({"Code":"Success","AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"hidden-key",")" + token_key +
           R"(":"hidden-session","Expiration":"2026-11-22T02:00:00Z"})";
  }
  void expect_session(base::Result<auth::aws::Credentials> const& found) {
    ASSERT_TRUE(found.has_value()) << describe(found.error());
    EXPECT_EQ(found->access_key_id, "ASIAEXAMPLE");
    EXPECT_EQ(found->secret_access_key.reveal(), "hidden-key");
    EXPECT_EQ(found->session_token.reveal(), "hidden-session");
    EXPECT_EQ(found->expires_at, base::parse_iso8601("2026-11-22T02:00:00Z"));
  }
  // The sentence has every part and no secret of the fixture.
  void expect_refused(base::Result<auth::aws::Credentials> const& found, base::Errc code,
                      std::vector<std::string> const& parts) {
    ASSERT_FALSE(found.has_value());
    EXPECT_EQ(found.error().code, code) << describe(found.error());
    for (auto const& part : parts) EXPECT_THAT(found.error().message, testing::HasSubstr(part));
    EXPECT_THAT(describe(found.error()), testing::Not(testing::HasSubstr("hidden")));
  }

  fakes::TempDir folder;
  boost::asio::io_context loop;
  fakes::Client client;
  fakes::Clock clock;
  base::Clock* time = &clock;
  base::SeededRandom random{3};
  base::NoLog log;
  base::Environment environment;
};
