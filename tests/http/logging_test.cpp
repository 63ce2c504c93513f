#include "http/logging.hpp"

#include <gmock/gmock.h>

#include "fakes/client.hpp"
#include "fakes/clock.hpp"
#include "fakes/run.hpp"

using http::redact_header;
using http::redact_target;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace {

class Lines final : public base::Log {
 public:
  using base::Log::write;
  explicit Lines(base::Level least) : least_(least) {}
  bool wants(base::Level level) const override { return level >= least_; }
  void write(base::Level level, std::string_view line, std::span<base::Field const>) override {
    if (wants(level)) text += std::string(line) + '\n';
  }
  std::string text;

 private:
  base::Level least_;
};

std::string logged(base::Level least) {
  fakes::Client inner;
  fakes::Clock clock;
  Lines log(least);
  http::Headers reply;
  reply.set("x-ms-popreceipt", "SECRET-1");
  reply.set("x-ms-request-id", "visible-id");
  inner.reply(201, "SECRET-2", reply);
  http::Logging logging(inner, clock, log);
  http::Request request("POST", http::Origin{"https", "a.test", 443}, "/q/messages?sig=SECRET-3&ttl=5",
                        "SECRET-4");
  request.operation = "PutMessage";
  request.headers.set("Authorization", "SharedKey a:SECRET-5");
  request.headers.set("x-ms-date", "today");
  auto const result = fakes::run(logging.send(request));
  EXPECT_EQ(result->body, "SECRET-2");
  EXPECT_EQ(inner.requests.at(0).target, request.target);
  return log.text;
}

}  // namespace

TEST(Logging, WritesOneLineAnAttemptAtDebug) {
  EXPECT_EQ(logged(base::Level::debug), "PutMessage POST https://a.test: 201 in 0 ms\n");
}

TEST(Logging, WritesHeadersButNoSecretAtTrace) {
  EXPECT_THAT(logged(base::Level::trace),
              AllOf(HasSubstr("/q/messages?sig=***&ttl=5"), HasSubstr("Authorization: ***"),
                    HasSubstr("x-ms-date: today"), HasSubstr("x-ms-request-id: visible-id"),
                    Not(HasSubstr("SECRET"))));
}

TEST(Logging, WritesNothingWhenNobodyListens) { EXPECT_EQ(logged(base::Level::info), ""); }

TEST(Logging, WritesTheErrorOfAnAttempt) {
  fakes::Client inner;
  inner.fail(base::Error(base::Errc::transient, "the connection broke"));
  fakes::Clock clock;
  Lines log(base::Level::debug);
  http::Logging logging(inner, clock, log);
  http::Request request("GET", http::Origin{"http", "a", 80}, "/?sig=SECRET");
  auto const result = fakes::run(logging.send(request));
  EXPECT_TRUE(result.has_error());
  EXPECT_EQ(log.text, "request GET http://a: the connection broke in 0 ms\n");
}

TEST(Redaction, HidesTheValuesOfSecretParameters) {
  for (auto const& [target, shown] : std::vector<std::pair<std::string, std::string>>{
           {"/q?sv=2020&sig=abc%3D&se=x", "/q?sv=2020&sig=***&se=x"},
           {"/q/m/1?popreceipt=AgAA&visibilitytimeout=5", "/q/m/1?popreceipt=***&visibilitytimeout=5"},
           {"/?X-Amz-Signature=a&X-Amz-Credential=b&X-Amz-Security-Token=c&X-Amz-Date=d",
            "/?X-Amz-Signature=***&X-Amz-Credential=***&X-Amz-Security-Token=***&X-Amz-Date=d"},
           {"/?SIG=a", "/?SIG=***"},
           {"/?%73ig=a", "/?%73ig=***"},
           {"/?code=a&client_secret=b&client_assertion=c&access_token=d",
            "/?code=***&client_secret=***&client_assertion=***&access_token=***"},
           {"/?WebIdentityToken=a&RoleArn=b", "/?WebIdentityToken=***&RoleArn=b"},
           {"/?NextPartitionKey=a", "/?NextPartitionKey=a"},
           {"/?sig", "/?sig"},
           {"/?sig=a=b&&x=&", "/?sig=***&&x=&"},
           {"/?", "/?"},
           {"/sig=a", "/sig=a"},
       })
    EXPECT_EQ(redact_target(target), shown);
}

TEST(Redaction, HidesTheValuesOfSecretHeaders) {
  for (auto const* name : {"Authorization", "authorization", "Proxy-Authorization", "X-Amz-Security-Token",
                           "Cookie", "Set-Cookie", "x-ms-popreceipt", "X-Secret", "X-Api-Key",
                           "x-aws-ec2-metadata-token", "X-IDENTITY-TOKEN"})
    EXPECT_EQ(redact_header(name, "value"), "***") << name;
  for (auto const* name :
       {"x-ms-date", "Host", "x-ms-continuation-NextPartitionKey", "x-ms-continuation-NextRowKey",
        "x-aws-ec2-metadata-token-ttl-seconds", "X-Amz-Target", "x-ms-request-id", "Keep-Alive"})
    EXPECT_EQ(redact_header(name, "value"), "value") << name;
  EXPECT_EQ(redact_header("Location", "https://a/b?sig=c"), "https://a/b");
}
