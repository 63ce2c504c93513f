#include "storage/aws/grants.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace storage::aws;
using storage::QueueUse;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

std::string policy(int count) {
  return "{\"deadLetterTargetArn\":\"arn:aws:sqs:eu-west-1:123456789012:poison\",\"maxReceiveCount\":" +
         std::to_string(count) + "}";
}

std::vector<std::string> warnings(QueueFacts const& facts, std::uint64_t max_receives = 5) {
  QueueUse use;
  use.receive = true;
  use.max_receives = max_receives;
  return queue_warnings(facts, use);
}

}  // namespace

TEST(Grants, NameResourcesOfEachPartition) {
  EXPECT_EQ(queue_arn("eu-west-1", "123456789012", "work"), "arn:aws:sqs:eu-west-1:123456789012:work");
  EXPECT_EQ(table_arn("cn-north-1", "*", "rows"), "arn:aws-cn:dynamodb:cn-north-1:*:table/rows");
  EXPECT_EQ(queue_arn("us-gov-west-1", "*", "w"), "arn:aws-us-gov:sqs:us-gov-west-1:*:w");
}

TEST(Grants, TakeTheAccountFromAQueueUrl) {
  EXPECT_EQ(account_of("https://sqs.eu-west-1.amazonaws.com/123456789012/work"), "123456789012");
  for (auto const* url : {"", "/", "work", "http://host/queue/work", "http://host/12345678901x/work"})
    EXPECT_EQ(account_of(url), "*") << url;
}

TEST(Grants, WriteAStatementThatCanBePasted) {
  EXPECT_EQ(statement({"sqs:SendMessage"}, "arn:x"),
            R"({"Effect":"Allow","Action":["sqs:SendMessage"],"Resource":"arn:x"})");
}

TEST(Grants, TakeTheResourceFromTheServicesOwnWords) {
  Error error(Errc::denied,
              "User: arn:aws:iam::1:user/u is not authorized to perform: sqs:sendmessage on resource: "
              "arn:aws:sqs:eu-west-1:1:work because no identity-based policy allows it");
  error.service_code = "AccessDenied";
  EXPECT_THAT(denial_remedy(error, {"sqs:SendMessage"}, "arn:guess"),
              HasSubstr("\"arn:aws:sqs:eu-west-1:1:work\""));
  error.message = "Access to the resource https://sqs is denied.";
  EXPECT_THAT(denial_remedy(error, {"sqs:SendMessage"}, "arn:guess"), HasSubstr("\"arn:guess\""));
}

TEST(Grants, SendToTheDenyThatNoGrantOverrules) {
  Error error(Errc::denied, "… on resource: arn:x with an explicit deny in an identity-based policy");
  error.service_code = "AccessDenied";
  EXPECT_THAT(denial_remedy(error, {"sqs:SendMessage"}, "arn:x"), HasSubstr("Deny"));
}

TEST(Grants, TellADeniedKeyFromADeniedQueue) {
  Error error(Errc::denied,
              "not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:r:1:key/k");
  error.service_code = "AccessDeniedException";
  EXPECT_THAT(denial_remedy(error, {"sqs:SendMessage"}, "arn:q"),
              AllOf(HasSubstr("kms:Decrypt"), HasSubstr("arn:aws:kms:r:1:key/k")));
}

TEST(QueueWarnings, AreNoneForAnOrdinaryQueue) {
  QueueFacts facts;
  facts.retention = 345'600;
  facts.delay = 0;
  facts.key = "alias/aws/sqs";
  EXPECT_THAT(warnings(facts), IsEmpty());
  facts.redrive_policy = policy(5);
  EXPECT_THAT(warnings(facts), IsEmpty());
}

TEST(QueueWarnings, TellWhereARedrivePolicyComesFirst) {
  QueueFacts facts;
  facts.redrive_policy = policy(3);
  EXPECT_THAT(warnings(facts), ElementsAre(AllOf(HasSubstr("after 3 receives, before --max-receives 5"))));
}

TEST(QueueWarnings, TellWhereARedrivePolicyComesLater) {
  QueueFacts facts;
  facts.redrive_policy = R"({"deadLetterTargetArn":"arn:x","maxReceiveCount":"10"})";
  EXPECT_THAT(warnings(facts), ElementsAre(HasSubstr("after 10 receives, not after --max-receives 5")));
}

TEST(QueueWarnings, TellWhereOneHandBackIsEnough) {
  QueueFacts facts;
  facts.redrive_policy = policy(1);
  EXPECT_THAT(warnings(facts, 1), ElementsAre(HasSubstr("second delivery")));
}

TEST(QueueWarnings, TellWhereMessagesExpireBeforeTheyAreGivenUp) {
  QueueFacts facts;
  facts.retention = 300;
  EXPECT_THAT(warnings(facts), ElementsAre(HasSubstr("MessageRetentionPeriod")));
  facts.retention = 301;
  EXPECT_THAT(warnings(facts), IsEmpty());
}

TEST(QueueWarnings, TellOfDelaysAndKeys) {
  QueueFacts facts;
  facts.delay = 30;
  facts.key = "arn:aws:kms:r:1:key/k";
  EXPECT_THAT(warnings(facts),
              ElementsAre(HasSubstr("30 s (DelaySeconds)"), HasSubstr("kms:GenerateDataKey")));
}

TEST(QueueWarnings, TakeNoPolicyFromRubbish) {
  for (auto const* text : {"", "x", "[]", "{}", R"({"maxReceiveCount":-1})", R"({"maxReceiveCount":"many"})"})
    EXPECT_FALSE(parse_redrive(text)) << text;
}
