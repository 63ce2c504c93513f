// What doctor finds on AWS, and that it leaves nothing behind.
#include <nlohmann/json.hpp>

#include "auth/aws/static_source.hpp"
#include "base/time.hpp"
#include "fakes/findings.hpp"
#include "fixture.hpp"
#include "storage/aws/queue_examination.hpp"
#include "storage/aws/table_examination.hpp"

using namespace storage::aws;
using fakes::row;
using fakes::verdicts;
using storage::Examined;
using storage::QueueUse;
using storage::TableUse;
using storage::Verdict;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using namespace std::chrono_literals;

namespace {

constexpr char const* url = R"({"QueueUrl":"https://told/123456789012/work"})";

struct AwsExamination : Scripted {
  AwsExamination() {
    auth::aws::Credentials credentials;
    credentials.access_key_id = "AKIDEXAMPLE";
    credentials.secret_access_key = base::Secret("shh");
    as(credentials);
  }
  void as(Result<auth::aws::Credentials> found) {
    source = std::make_unique<auth::aws::StaticSource>(std::move(found), "the keys of AWS_ACCESS_KEY_ID");
  }
  Examined queue(QueueUse const& use, std::string const& name = "work") {
    QueueExamination examination(service(name, "queue"), Actor{*source, "keys (not set)"}, clock, random,
                                 use);
    return run(examination.run());
  }
  Examined table(TableUse const& use) {
    TableExamination examination(service("rows", "table"), Actor{*source, ""}, clock, random, use);
    return run(examination.run());
  }
  static QueueUse sending() {
    QueueUse use;
    use.send = true;
    return use;
  }
  static QueueUse receiving() {
    QueueUse use;
    use.receive = true;
    return use;
  }
  static TableUse writing() {
    TableUse use;
    use.write = true;
    return use;
  }
  void answer(std::string body) {
    http::Headers headers;
    headers.set("Date", base::http_date(clock.system()));
    client.reply(200, std::move(body), std::move(headers));
  }
  void deny() { refuse("AccessDenied", "Access to the resource is denied.", 403); }
  void entry(std::string const& code) {
    answer(R"({"Failed":[{"Id":"0","SenderFault":true,"Code":")" + code + R"(","Message":"words"}]})");
  }
  void is_there(std::string const& attributes = R"("ApproximateNumberOfMessages":"7")") {
    answer(url);
    answer("{\"Attributes\":{" + attributes + "}}");
  }
  void has_keys() {
    answer(
        R"({"Table":{"TableStatus":"ACTIVE","KeySchema":[{"AttributeName":"PartitionKey","KeyType":"HASH"},)"
        R"({"AttributeName":"RowKey","KeyType":"RANGE"}],"AttributeDefinitions":[{"AttributeName":"PartitionKey",)"
        R"("AttributeType":"S"},{"AttributeName":"RowKey","AttributeType":"S"}]}})");
  }
  std::unique_ptr<auth::aws::Source> source;
};

}  // namespace

TEST_F(AwsExamination, SendsOnlyWhatNoQueueTakes) {
  is_there();
  entry("InvalidParameterValue");
  auto const found = queue(sending());
  EXPECT_EQ(verdicts(found), "credential ok, token ok, connection ok, clock ok, queue ok, send ok");
  ASSERT_THAT(client.requests, SizeIs(3));
  auto const sent = nlohmann::json::parse(body(2));
  EXPECT_EQ(sent["Entries"][0]["DelaySeconds"], 901);
  EXPECT_THAT(row(found, "credential").detail, HasSubstr("passed over: keys (not set)"));
  EXPECT_THAT(row(found, "token").detail, HasSubstr("keys that last"));
  EXPECT_THAT(row(found, "queue").detail, HasSubstr("7 messages"));
}

TEST_F(AwsExamination, LeavesSendingUntestedWhereTheWholeRequestWasRefusedForItsForm) {
  is_there();
  refuse("InvalidParameterValue");
  auto const found = queue(sending());
  EXPECT_EQ(row(found, "send").verdict, Verdict::untested);
  EXPECT_THAT(row(found, "send").remedy, HasSubstr("--probe"));
}

TEST_F(AwsExamination, WarnsOfAnEmulatorThatTakesEverything) {
  is_there();
  answer(R"({"Successful":[{"Id":"0"}]})");
  EXPECT_THAT(queue(sending()).warnings, SizeIs(1));
}

TEST_F(AwsExamination, TellsPermissionsByAReceiptThatIsNone) {
  is_there();
  refuse("InvalidParameterValue");
  entry("ReceiptHandleIsInvalid");
  entry("ReceiptHandleIsInvalid");
  auto const found = queue(receiving());
  EXPECT_EQ(verdicts(found),
            "credential ok, token ok, connection ok, clock ok, queue ok, receive untested, delete ok, "
            "extend ok");
  EXPECT_EQ(action(2), "ReceiveMessage");
  EXPECT_THAT(body(2), HasSubstr("\"MaxNumberOfMessages\":0"));
  EXPECT_EQ(action(3), "DeleteMessageBatch");
  EXPECT_EQ(action(4), "ChangeMessageVisibilityBatch");
  EXPECT_THAT(row(found, "receive").remedy, HasSubstr("--probe"));
}

TEST_F(AwsExamination, NamesTheActionAndTheResourceOfEachThatIsMissing) {
  is_there();
  for (int i = 0; i < 3; ++i) deny();
  auto const found = queue(receiving());
  EXPECT_EQ(verdicts(found),
            "credential ok, token ok, connection ok, clock ok, queue ok, receive missing, delete "
            "missing, extend missing");
  EXPECT_EQ(
      row(found, "receive").remedy,
      "add to the policy of the role or user: "
      R"({"Effect":"Allow","Action":["sqs:ReceiveMessage"],"Resource":"arn:aws:sqs:eu-west-1:123456789012:work"})");
  EXPECT_THAT(row(found, "delete").remedy, HasSubstr("\"sqs:DeleteMessage\""));
  EXPECT_THAT(row(found, "extend").remedy, HasSubstr("\"sqs:ChangeMessageVisibility\""));
}

TEST_F(AwsExamination, NamesSendingWhereItIsDenied) {
  is_there();
  deny();
  EXPECT_THAT(row(queue(sending()), "send").remedy, HasSubstr("\"sqs:SendMessage\""));
}

TEST_F(AwsExamination, GoesOnWhereOnlyTheAttributesAreDenied) {
  answer(url);
  deny();
  entry("InvalidParameterValue");
  auto const found = queue(sending());
  EXPECT_EQ(row(found, "queue").verdict, Verdict::missing);
  EXPECT_THAT(row(found, "queue").remedy, HasSubstr("sqs:GetQueueAttributes"));
  EXPECT_EQ(row(found, "send").verdict, Verdict::ok);
}

TEST_F(AwsExamination, CannotGoOnWithoutTheUrl) {
  deny();
  auto const found = queue(sending());
  EXPECT_EQ(verdicts(found),
            "credential ok, token ok, connection ok, clock untested, queue missing, send untested");
  EXPECT_THAT(row(found, "queue").remedy, HasSubstr("sqs:GetQueueUrl"));
}

TEST_F(AwsExamination, FailsAnAbsentQueueUnlessItIsMadeWhenFirstNeeded) {
  refuse("QueueDoesNotExist");
  EXPECT_EQ(row(queue(sending()), "queue").verdict, Verdict::failed);
  refuse("QueueDoesNotExist");
  auto use = sending();
  use.made_when_absent = true;
  auto const found = queue(use);
  EXPECT_EQ(row(found, "queue").verdict, Verdict::untested);
  EXPECT_THAT(row(found, "queue").remedy, HasSubstr("sqs:CreateQueue"));
}

TEST_F(AwsExamination, BlamesTheCredentialThatIsRefused) {
  for (auto const* code : {"SignatureDoesNotMatch", "InvalidClientTokenId"}) {
    refuse(code, "words", 403);
    EXPECT_EQ(verdicts(queue(sending())),
              "credential failed, token ok, connection ok, clock untested, queue untested, send untested");
  }
}

TEST_F(AwsExamination, BlamesTheConnectionWhereNobodyAnswers) {
  client.fail({Errc::transient, "no connection to https://aws.example: check the network"});
  EXPECT_EQ(verdicts(queue(sending())),
            "credential ok, token ok, connection failed, clock untested, queue untested, send untested");
}

TEST_F(AwsExamination, CallsAThrottledServiceFailedRatherThanMissing) {
  is_there();
  refuse("RequestThrottled");
  auto const found = queue(sending());
  EXPECT_EQ(row(found, "send").verdict, Verdict::failed);
  EXPECT_THAT(row(found, "send").remedy, HasSubstr("again"));
}

TEST_F(AwsExamination, AsksTheServiceNothingWithoutACredential) {
  as(Error(Errc::denied, "no AWS credentials were found: set AWS_ACCESS_KEY_ID"));
  auto const found = queue(sending());
  EXPECT_EQ(row(found, "credential").verdict, Verdict::failed);
  EXPECT_EQ(row(found, "send").verdict, Verdict::untested);
  EXPECT_THAT(client.requests, IsEmpty());
}

TEST_F(AwsExamination, TellsHowLongTemporaryKeysLast) {
  auth::aws::Credentials credentials;
  credentials.access_key_id = "ASIAEXAMPLE";
  credentials.session_token = base::Secret("hidden");
  credentials.expires_at = clock.system() + 30min;
  as(credentials);
  is_there();
  entry("InvalidParameterValue");
  EXPECT_THAT(row(queue(sending()), "token").detail,
              AllOf(HasSubstr("30 minutes"), Not(HasSubstr("hidden"))));
}

TEST_F(AwsExamination, TellsWhereTheQueueItselfMovesPoison) {
  is_there(R"("RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:r:1:dead\",\"maxReceiveCount\":3}")");
  refuse("InvalidParameterValue");
  entry("ReceiptHandleIsInvalid");
  entry("ReceiptHandleIsInvalid");
  auto const found = queue(receiving());
  EXPECT_EQ(found.redrives_to, "arn:aws:sqs:r:1:dead after 3 receives");
  EXPECT_THAT(found.warnings, SizeIs(1));
}

TEST_F(AwsExamination, SendsAndReceivesForRealOnlyWithAProbe) {
  is_there();
  answer(R"({"Successful":[{"Id":"0"}]})");
  answer(R"({"Messages":[{"MessageId":"m","ReceiptHandle":"r","Body":"b"}]})");
  entry("ReceiptHandleIsInvalid");
  entry("ReceiptHandleIsInvalid");
  QueueUse use;
  use.send = use.receive = use.probe = true;
  auto const found = queue(use, "work.fifo");
  EXPECT_EQ(row(found, "send").verdict, Verdict::ok);
  EXPECT_EQ(row(found, "receive").verdict, Verdict::ok);
  EXPECT_THAT(body(2), AllOf(HasSubstr("MessageGroupId"), Not(HasSubstr("DelaySeconds"))));
  EXPECT_THAT(body(3), AllOf(HasSubstr("\"MaxNumberOfMessages\":1"), HasSubstr("\"VisibilityTimeout\":0")));
}

TEST_F(AwsExamination, TriesWritingByDeletingARowThatIsNotThere) {
  has_keys();
  answer(R"({"UnprocessedItems":{}})");
  auto const found = table(writing());
  EXPECT_EQ(verdicts(found), "credential ok, token ok, connection ok, clock ok, table ok, write ok");
  EXPECT_EQ(action(1), "BatchWriteItem");
  EXPECT_THAT(body(1), AllOf(HasSubstr("DeleteRequest"), HasSubstr(R"("PartitionKey":{"S":"doctor"})"),
                             Not(HasSubstr("PutRequest"))));
}

TEST_F(AwsExamination, WritesAndDeletesARowOfItsOwnWithAProbe) {
  has_keys();
  answer(R"({"UnprocessedItems":{}})");
  answer(R"({"UnprocessedItems":{}})");
  auto use = writing();
  use.probe = true;
  EXPECT_EQ(row(table(use), "write").verdict, Verdict::ok);
  EXPECT_THAT(body(1), HasSubstr("PutRequest"));
  EXPECT_THAT(body(2), HasSubstr("DeleteRequest"));
}

TEST_F(AwsExamination, NamesTheTablesActionsAndTakesTheArnFromTheServicesWords) {
  has_keys();
  std::string const words =
      "User: arn:aws:iam::9:user/u is not authorized to perform: dynamodb:BatchWriteItem on resource: "
      "arn:aws:dynamodb:eu-west-1:999999999999:table/rows because no identity-based policy allows it";
  refuse("AccessDeniedException", words);
  refuse("AccessDeniedException", words);
  TableUse use;
  use.read = use.write = true;
  auto const found = table(use);
  EXPECT_EQ(verdicts(found),
            "credential ok, token ok, connection ok, clock ok, table ok, read missing, write missing");
  EXPECT_THAT(row(found, "write").remedy,
              AllOf(HasSubstr("\"dynamodb:BatchWriteItem\""),
                    HasSubstr("\"arn:aws:dynamodb:eu-west-1:999999999999:table/rows\"")));
  EXPECT_THAT(row(found, "read").remedy, HasSubstr("\"dynamodb:Scan\""));
}

TEST_F(AwsExamination, FailsATableWhoseKeysDoNotFit) {
  answer(R"({"Table":{"TableStatus":"ACTIVE","KeySchema":[{"AttributeName":"n","KeyType":"HASH"}],)"
         R"("AttributeDefinitions":[{"AttributeName":"n","AttributeType":"N"}]}})");
  EXPECT_EQ(row(table(writing()), "table").verdict, Verdict::failed);
}

TEST_F(AwsExamination, FailsAnAbsentTable) {
  refuse("ResourceNotFoundException");
  EXPECT_EQ(row(table(writing()), "table").verdict, Verdict::failed);
}
