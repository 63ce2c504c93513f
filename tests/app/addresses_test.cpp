#include "app/addresses.hpp"

#include <gmock/gmock.h>

namespace {

using app::Need;
using testing::HasSubstr;
using Variables = std::map<std::string, std::string, std::less<>>;

base::Result<app::Addresses> resolve(Variables variables, Need need, std::string queue = "",
                                     std::string table = "") {
  app::Command command("consumer", "run", "");
  return app::addresses(command, queue, table, need, base::Environment(std::move(variables)));
}

TEST(Addresses, DefaultToTheEmbeddedFile) {
  auto const found = resolve({}, Need::both);
  EXPECT_EQ(found->queue, "sqlite:edw.db#messages");
  EXPECT_EQ(found->table, "sqlite:edw.db#results");
}

TEST(Addresses, ComeFromTheAzureSample) {
  auto const found =
      resolve({{"AZURE_STORAGE_ACCOUNT_NAME", "acct"}, {"AZURE_QUEUE_NAME", "q"}, {"AZURE_TABLE_NAME", "t"}},
              Need::both);
  EXPECT_EQ(found->queue, "azure://acct/q");
  EXPECT_EQ(found->table, "azure://acct/t");
}

TEST(Addresses, ComeFromTheAzureSampleByTheTablesOldName) {
  Variables variables{
      {"AZURE_STORAGE_ACCOUNT_NAME", "acct"}, {"AZURE_QUEUE_NAME", "q"}, {"AZURE_COSMOSDB_TABLE", "old"}};
  auto const found = resolve(variables, Need::both);
  EXPECT_EQ(found->table, "azure://acct/old");
  EXPECT_EQ(found->table_origin, "AZURE_COSMOSDB_TABLE in the environment");
  variables["AZURE_TABLE_NAME"] = "t";
  EXPECT_EQ(resolve(variables, Need::both)->table, "azure://acct/t");
}

TEST(Addresses, TheTablesOldNameByItselfIsNoSample) {
  EXPECT_EQ(resolve({{"AZURE_COSMOSDB_TABLE", "old"}}, Need::both)->table, "sqlite:edw.db#results");
}

TEST(Addresses, ComeFromTheAwsSample) {
  auto const url = "https://sqs.eu-west-1.amazonaws.com/123456789012/q";
  auto const found =
      resolve({{"SQS_QUEUE_URL", url}, {"DYNAMODB_TABLE", "t"}, {"AWS_REGION", "eu-west-1"}}, Need::both);
  EXPECT_EQ(found->queue, url);
  EXPECT_EQ(found->table, "aws:t");
}

TEST(Addresses, TakeTheRegionFromTheQueueUrlWhereTheVariablesLackIt) {
  auto const found = resolve(
      {{"SQS_QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/123456789012/q"}, {"DYNAMODB_TABLE", "t"}},
      Need::both);
  EXPECT_EQ(found->table, "aws://eu-west-1/t");
}

TEST(Addresses, RefuseBothSamplesAtOnce) {
  auto const found = resolve({{"AZURE_STORAGE_ACCOUNT_NAME", "acct"},
                              {"AZURE_QUEUE_NAME", "q"},
                              {"AZURE_TABLE_NAME", "t"},
                              {"SQS_QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/123456789012/q"},
                              {"DYNAMODB_TABLE", "t"}},
                             Need::both);
  ASSERT_TRUE(found.has_error());
  EXPECT_THAT(found.error().message, HasSubstr("SQS_QUEUE_URL"));
  EXPECT_THAT(found.error().message, HasSubstr("AZURE_QUEUE_NAME"));
}

TEST(Addresses, GivenExplicitlyWinOverBothSamples) {
  auto const found =
      resolve({{"AZURE_QUEUE_NAME", "q"}, {"SQS_QUEUE_URL", "u"}}, Need::both, "sqlite:x#q", "sqlite:x#t");
  EXPECT_EQ(found->queue, "sqlite:x#q");
  EXPECT_EQ(found->table, "sqlite:x#t");
}

TEST(Addresses, RefuseOneOfTheTwoAloneHoweverItCame) {
  EXPECT_TRUE(resolve({}, Need::both, "aws:q", "").has_error());
  EXPECT_TRUE(resolve({}, Need::both, "", "aws:t").has_error());
  EXPECT_TRUE(
      resolve({{"AZURE_STORAGE_ACCOUNT_NAME", "acct"}, {"AZURE_QUEUE_NAME", "q"}}, Need::both).has_error());
  EXPECT_TRUE(resolve({{"DYNAMODB_TABLE", "t"}}, Need::both).has_error());
  EXPECT_TRUE(resolve({{"SQS_QUEUE_URL", "u"}}, Need::both).has_error());
}

TEST(Addresses, SayWhereTheyCameFrom) {
  EXPECT_EQ(resolve({{"SQS_QUEUE_URL", "u"}, {"DYNAMODB_TABLE", "t"}}, Need::both)->queue_origin,
            "SQS_QUEUE_URL in the environment");
  EXPECT_EQ(resolve({}, Need::both)->table_origin, "--table");
  auto const error = app::complaint("--queue", base::Error(base::Errc::invalid, "is wrong"));
  EXPECT_EQ(error.message, "--queue: is wrong");
}

TEST(Addresses, ThatNothingNamedSayHowToNameThem) {
  auto const denied = [](app::Addresses const& where) {
    return app::unopened(where, base::Error(base::Errc::denied, "edw.db cannot be written")).message;
  };
  EXPECT_THAT(denied(*resolve({}, Need::both)), HasSubstr("--queue and --table"));
  EXPECT_EQ(denied(*resolve({}, Need::both, "sqlite:x#q", "sqlite:x#t")), "edw.db cannot be written");
}

TEST(Addresses, NeedOnlyTheQueueToSendAndOnlyTheTableToAudit) {
  EXPECT_EQ(resolve({{"SQS_QUEUE_URL", "u"}}, Need::queue)->queue, "u");
  EXPECT_EQ(resolve({}, Need::table, "", "aws:t")->table, "aws:t");
  EXPECT_TRUE(resolve({}, Need::queue, "", "aws:t").has_error());
}

}  // namespace
