#include "storage/aws/endpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace storage::aws;
using storage::Uri;
using testing::HasSubstr;

namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

base::Result<Endpoint> queue(std::string const& uri, Variables variables = {}) {
  return queue_endpoint(Uri::parse(uri).value(), base::Environment(std::move(variables)));
}
base::Result<Endpoint> table(std::string const& uri, Variables variables = {}) {
  return table_endpoint(Uri::parse(uri).value(), base::Environment(std::move(variables)));
}
std::string wrong(base::Result<Endpoint> const& result) {
  if (result) return "accepted as " + result->origin.to_string();
  EXPECT_EQ(result.error().code, base::Errc::invalid);
  return result.error().message;
}
bool claimed(std::string const& uri) { return claims(Uri::parse(uri).value()); }

}  // namespace

TEST(AwsUris, AreClaimedBySchemeAndHost) {
  EXPECT_TRUE(claimed("aws:messages"));
  EXPECT_TRUE(claimed("aws://eu-west-1/messages"));
  EXPECT_TRUE(claimed("https://sqs.eu-west-1.amazonaws.com/123456789012/messages"));
  EXPECT_TRUE(claimed("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/messages"));
  EXPECT_TRUE(claimed("https://dynamodb.eu-west-1.amazonaws.com/results"));
  EXPECT_TRUE(claimed("http://127.0.0.1:5000/123456789012/messages"));
}

TEST(AwsUris, LeaveAzureWhatIsAzures) {
  EXPECT_FALSE(claimed("azure:messages"));
  EXPECT_FALSE(claimed("azure://account/messages"));
  EXPECT_FALSE(claimed("https://account.queue.core.windows.net/messages"));
  EXPECT_FALSE(claimed("https://account.queue.core.windows.net/123456789012/messages"));
  EXPECT_FALSE(claimed("https://account.table.core.chinacloudapi.cn/123456789012/messages"));
  EXPECT_FALSE(claimed("http://127.0.0.1:10001/devstoreaccount1/messages"));
  EXPECT_FALSE(claimed("sqlite:edw.db#messages"));
  EXPECT_FALSE(claimed("https://example.com/messages"));
}

TEST(QueueEndpoint, OfTheRegionInTheUri) {
  auto const found = queue("aws://eu-west-1/messages");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->origin.to_string(), "https://sqs.eu-west-1.amazonaws.com");
  EXPECT_EQ(found->target, "/");
  EXPECT_EQ(found->region, "eu-west-1");
  EXPECT_EQ(found->name, "messages");
  EXPECT_EQ(found->queue_url, "");
}

TEST(QueueEndpoint, OfTheRegionInTheEnvironment) {
  EXPECT_EQ(queue("aws:messages", {{"AWS_REGION", "eu-west-1"}, {"AWS_DEFAULT_REGION", "us-east-1"}})->region,
            "eu-west-1");
  EXPECT_EQ(queue("aws:messages", {{"AWS_DEFAULT_REGION", "us-east-1"}})->region, "us-east-1");
  EXPECT_THAT(wrong(queue("aws:messages")), HasSubstr("set AWS_REGION"));
  EXPECT_THAT(wrong(queue("aws:messages", {{"AWS_REGION", "eu-west-1/"}})), HasSubstr("AWS_REGION is"));
}

TEST(QueueEndpoint, OfChinaHasItsOwnDomain) {
  EXPECT_EQ(queue("aws://cn-north-1/messages")->origin.host, "sqs.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(table("aws://cn-north-1/results")->origin.host, "dynamodb.cn-north-1.amazonaws.com.cn");
}

TEST(QueueEndpoint, OfAQueueUrl) {
  auto const found = queue("https://sqs.eu-west-1.amazonaws.com/123456789012/orders.fifo");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->origin.to_string(), "https://sqs.eu-west-1.amazonaws.com");
  EXPECT_EQ(found->region, "eu-west-1");
  EXPECT_EQ(found->name, "orders.fifo");
  EXPECT_EQ(found->queue_url, "https://sqs.eu-west-1.amazonaws.com/123456789012/orders.fifo");
}

TEST(QueueEndpoint, KnowsTheRegionOfEveryFormOfHost) {
  auto const region = [](std::string const& host) {
    return queue("https://" + host + "/123456789012/q")->region;
  };
  EXPECT_EQ(region("sqs-fips.us-east-1.amazonaws.com"), "us-east-1");
  EXPECT_EQ(region("vpce-0a.sqs.eu-west-3.vpce.amazonaws.com"), "eu-west-3");
  EXPECT_EQ(region("ap-south-1.queue.amazonaws.com"), "ap-south-1");
  EXPECT_EQ(region("queue.amazonaws.com"), "us-east-1");
  EXPECT_EQ(region("sqs.us-east-1.localhost.localstack.cloud:4566"), "us-east-1");
}

TEST(QueueEndpoint, OfAnEmulatorTakesTheRegionFromTheEnvironment) {
  auto const found = queue("http://127.0.0.1:5000/123456789012/q", {{"AWS_REGION", "us-east-1"}});
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->origin.to_string(), "http://127.0.0.1:5000");
  EXPECT_EQ(found->region, "us-east-1");
  EXPECT_THAT(wrong(queue("http://127.0.0.1:5000/123456789012/q")), HasSubstr("set AWS_REGION"));
}

TEST(QueueEndpoint, IsOverriddenInEveryForm) {
  for (auto const* uri : {"aws:q", "aws://us-east-1/q", "https://sqs.us-east-1.amazonaws.com/123456789012/q",
                          "http://127.0.0.1:5000/123456789012/q"}) {
    auto const found =
        queue(uri, {{"AWS_REGION", "us-east-1"}, {"AWS_ENDPOINT_URL", "http://localhost:4566/base"}});
    ASSERT_TRUE(found.has_value()) << uri;
    EXPECT_EQ(found->origin.to_string(), "http://localhost:4566") << uri;
    EXPECT_EQ(found->target, "/base") << uri;
  }
}

TEST(QueueEndpoint, PrefersItsOwnOverride) {
  Variables const both = {{"AWS_ENDPOINT_URL", "http://localhost:1"},
                          {"AWS_ENDPOINT_URL_SQS", "http://localhost:2"},
                          {"AWS_ENDPOINT_URL_DYNAMODB", "http://localhost:3"}};
  EXPECT_EQ(queue("aws://us-east-1/q", both)->origin.port, 2);
  EXPECT_EQ(table("aws://us-east-1/results", both)->origin.port, 3);
}

TEST(QueueEndpoint, RefusesAnOverrideThatIsNoUrl) {
  EXPECT_THAT(wrong(queue("aws://us-east-1/q", {{"AWS_ENDPOINT_URL_SQS", "localhost:4566"}})),
              HasSubstr("AWS_ENDPOINT_URL_SQS"));
  auto const secret = wrong(queue("aws://us-east-1/q", {{"AWS_ENDPOINT_URL", "http://me:shh@localhost"}}));
  EXPECT_THAT(secret, testing::AllOf(HasSubstr("AWS_ENDPOINT_URL"), testing::Not(HasSubstr("shh"))));
}

TEST(QueueEndpoint, RefusesNamesThatSqsForbids) {
  for (std::string const name : {"with space", "a.b", "a/b", "ü", ".fifo"})
    EXPECT_THAT(wrong(queue("aws://us-east-1/" + name)), HasSubstr("cannot name an SQS queue")) << name;
  EXPECT_THAT(wrong(queue("aws://us-east-1/" + std::string(81, 'a'))), HasSubstr("1 to 80"));
  EXPECT_TRUE(queue("aws://us-east-1/" + std::string(75, 'a') + ".fifo").has_value());
  EXPECT_FALSE(queue("aws://us-east-1/" + std::string(76, 'a') + ".fifo").has_value());
}

TEST(QueueEndpoint, RefusesAUriThatIsNoQueue) {
  EXPECT_THAT(wrong(queue("https://dynamodb.eu-west-1.amazonaws.com/results")),
              HasSubstr("no SQS queue URL"));
  EXPECT_THAT(wrong(queue("https://sqs.eu-west-1.amazonaws.com/messages")), HasSubstr("12 digits"));
  EXPECT_THAT(wrong(queue("aws://EU/messages")), HasSubstr("aws://REGION/NAME"));
  EXPECT_THAT(wrong(queue("aws://eu-west-1/messages#part")), HasSubstr("#fragment"));
}

TEST(QueueEndpoint, RefusesAmazonWithoutTls) {
  EXPECT_THAT(wrong(queue("http://sqs.eu-west-1.amazonaws.com/123456789012/q")), HasSubstr("write https://"));
}

TEST(TableEndpoint, OfTheRegion) {
  auto const found = table("aws:results", {{"AWS_REGION", "eu-west-1"}});
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->origin.to_string(), "https://dynamodb.eu-west-1.amazonaws.com");
  EXPECT_EQ(found->name, "results");
}

TEST(TableEndpoint, RefusesTheUrlOfAQueue) {
  EXPECT_THAT(wrong(table("https://sqs.eu-west-1.amazonaws.com/123456789012/results")),
              HasSubstr("SQS queue, not of a table"));
}

TEST(TableEndpoint, RefusesNamesThatDynamoDbForbids) {
  for (std::string const name : {"ab", "with space", "a/b"})
    EXPECT_THAT(wrong(table("aws://us-east-1/" + name)), HasSubstr("cannot name a DynamoDB table")) << name;
  EXPECT_TRUE(table("aws://us-east-1/a.b-c_D1").has_value());
  EXPECT_FALSE(table("aws://us-east-1/" + std::string(256, 'a')).has_value());
}
