#include "storage/aws/cloud.hpp"

#include "fixture.hpp"
#include "storage/core/uri.hpp"

using storage::Errc;
using storage::Uri;
using testing::HasSubstr;
using testing::SizeIs;
using namespace std::chrono_literals;

namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

class Lines final : public base::Log {
 public:
  using Log::write;
  bool wants(base::Level level) const override { return level >= base::Level::warning; }
  void write(base::Level level, std::string_view text, std::span<base::Field const>) override {
    if (wants(level)) lines.emplace_back(text);
  }
  std::vector<std::string> lines;
};

struct AwsClouds : Scripted {
  void with(Variables more) {
    Variables variables = {
        {"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"}, {"AWS_SECRET_ACCESS_KEY", "shh"}, {"AWS_REGION", "eu-west-1"}};
    for (auto& [name, value] : more) variables.insert_or_assign(name, value);
    environment = base::Environment(variables);
    cloud = storage::aws::make_cloud({loop.get_executor(), client, clock, random, environment, lines});
  }
  std::unique_ptr<storage::Queue> queue(std::string const& uri) {
    return cloud->queue(Uri::parse(uri).value()).value();
  }

  base::Environment environment;
  Lines lines;
  std::unique_ptr<storage::Cloud> cloud;
};

}  // namespace

TEST_F(AwsClouds, SendToTheOverrideWhateverHostTheServiceHandsBack) {
  with({{"AWS_ENDPOINT_URL", "http://localhost:4566"}});
  client.reply(200, R"({"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/123456789012/q"})");
  client.reply(200, R"({"Attributes":{}})");
  client.reply(200, "{}");
  auto const made = queue("aws:q");
  ASSERT_TRUE(run(made->open(false)).has_value());
  storage::Receive const options;
  ASSERT_TRUE(run(made->receive(options)).has_value());
  ASSERT_THAT(client.requests, SizeIs(3));
  for (auto const& request : client.requests) EXPECT_EQ(request.origin.to_string(), "http://localhost:4566");
  EXPECT_THAT(body(2), HasSubstr(R"("QueueUrl":"https://sqs.eu-west-1.amazonaws.com/123456789012/q")"));
}

TEST_F(AwsClouds, SignForTheRegionOfTheUri) {
  with({});
  client.reply(200, R"({"Attributes":{}})");
  auto const made = queue("https://sqs.ap-south-1.amazonaws.com/123456789012/q");
  ASSERT_TRUE(run(made->open(false)).has_value());
  auto const authorization = client.requests[0].headers.find("Authorization");
  ASSERT_TRUE(authorization);
  EXPECT_THAT(*authorization, HasSubstr("/ap-south-1/sqs/aws4_request"));
  EXPECT_EQ(client.requests[0].origin.host, "sqs.ap-south-1.amazonaws.com");
}

TEST_F(AwsClouds, TryAgainWithAFreshDate) {
  with({});
  refuse("InternalError", "words", 500);
  client.reply(200, R"({"Attributes":{}})");
  auto const made = queue("https://sqs.eu-west-1.amazonaws.com/123456789012/q");
  EXPECT_TRUE(run(made->open(false)).has_value());
  EXPECT_THAT(client.requests, SizeIs(2));
  EXPECT_THAT(clock.slept, SizeIs(1));
}

TEST_F(AwsClouds, HonourTheNumberOfAttempts) {
  with({{"AWS_MAX_ATTEMPTS", "1"}});
  refuse("InternalError", "words", 500);
  auto const made = queue("https://sqs.eu-west-1.amazonaws.com/123456789012/q");
  EXPECT_EQ(run(made->open(false)).error().code, Errc::transient);
  EXPECT_THAT(client.requests, SizeIs(1));
}

TEST_F(AwsClouds, FollowTheClockOfTheServiceWhenOursIsWrong) {
  with({});
  http::Headers headers;
  headers.set("Date", "Sun, 22 Nov 2026 05:00:00 GMT");
  client.reply(400, R"({"__type":"InvalidSignatureException","message":"Signature expired: 2026"})", headers);
  client.reply(200, R"({"Attributes":{}})");
  auto const made = queue("https://sqs.eu-west-1.amazonaws.com/123456789012/q");
  ASSERT_TRUE(run(made->open(false)).has_value());
  EXPECT_THAT(*client.requests[0].headers.find("X-Amz-Date"), HasSubstr("20261122T01"));
  EXPECT_THAT(*client.requests[1].headers.find("X-Amz-Date"), HasSubstr("20261122T05"));
}

TEST_F(AwsClouds, TakeADamagedReplyForAReasonToTryAgain) {
  with({});
  http::Headers headers;
  headers.set("x-amz-crc32", "1");
  client.reply(200, "{}", headers);
  client.reply(200,
               R"({"Table":{"TableStatus":"ACTIVE","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],)"
               R"("AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}]}})");
  auto const made = cloud->table(Uri::parse("aws:results").value()).value();
  EXPECT_TRUE(run(made->open(false)).has_value());
  EXPECT_EQ(client.requests[0].origin.host, "dynamodb.eu-west-1.amazonaws.com");
}

TEST_F(AwsClouds, SayWhatToSetWithoutCredentials) {
  environment = base::Environment(Variables{{"AWS_REGION", "eu-west-1"}});
  cloud = storage::aws::make_cloud({loop.get_executor(), client, clock, random, environment, lines});
  client.fail(base::Error(Errc::transient, "no route to the instance metadata"));
  auto const made = queue("aws:q");
  auto const open = run(made->open(false));
  ASSERT_FALSE(open.has_value());
  EXPECT_EQ(open.error().code, Errc::denied);
  EXPECT_THAT(open.error().message, HasSubstr("set AWS_ACCESS_KEY_ID"));
  EXPECT_THAT(client.requests, SizeIs(1));
  EXPECT_THAT(clock.slept, SizeIs(0));
}

TEST_F(AwsClouds, RefuseSettingsThatMakeNoSense) {
  for (auto const& [name, value] : Variables{{"AWS_MAX_ATTEMPTS", "0"}, {"AWS_RETRY_MODE", "standart"}}) {
    with({{name, value}});
    auto const made = cloud->queue(Uri::parse("aws:q").value());
    ASSERT_FALSE(made.has_value()) << name;
    EXPECT_EQ(made.error().code, Errc::invalid);
    EXPECT_THAT(made.error().message, HasSubstr(name));
  }
}

TEST_F(AwsClouds, WarnOfARetryModeThatIsNotOffered) {
  with({{"AWS_RETRY_MODE", "adaptive"}});
  EXPECT_THAT(lines.lines, testing::ElementsAre(HasSubstr("AWS_RETRY_MODE=adaptive")));
  EXPECT_TRUE(cloud->queue(Uri::parse("aws:q").value()).has_value());
}

TEST_F(AwsClouds, WarnOfRequestsThatGoUnencrypted) {
  with({{"AWS_ENDPOINT_URL", "http://localstack:4566"}});
  queue("aws:q");
  EXPECT_THAT(lines.lines, testing::ElementsAre(HasSubstr("unencrypted")));
}
