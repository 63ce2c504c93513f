#include "storage/aws/errors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/aws/crc32.hpp"

using namespace storage::aws;
using testing::HasSubstr;
using testing::Not;

namespace {

Target target() {
  Target made;
  made.service = "SQS";
  made.iam = "sqs:";
  made.kind = "queue";
  made.name = "messages";
  made.region = "eu-west-1";
  made.endpoint = "https://sqs.eu-west-1.amazonaws.com";
  made.credential = "the keys of AWS_ACCESS_KEY_ID";
  return made;
}

http::Response response(int status, std::string body) {
  http::Response made;
  made.status = status;
  made.body = std::move(body);
  return made;
}

Error error(int status, std::string const& type, std::string const& message = "words") {
  auto const found =
      failure(response(status, "{\"__type\":\"" + type + "\",\"message\":\"" + message + "\"}"), target(),
              "SendMessageBatch");
  return found ? *found : Error(Errc::cancelled, "no error");
}

}  // namespace

TEST(AwsErrors, TellWhatTheCallerDoesNext) {
  std::pair<char const*, Errc> const codes[] = {
      {"com.amazonaws.sqs#QueueDoesNotExist", Errc::absent},
      {"AWS.SimpleQueueService.NonExistentQueue", Errc::absent},
      {"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", Errc::absent},
      {"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException", Errc::throttled},
      {"com.amazon.coral.availability#ThrottlingException", Errc::throttled},
      {"com.amazonaws.dynamodb.v20120810#RequestLimitExceeded", Errc::throttled},
      {"com.amazonaws.sqs#OverLimit", Errc::throttled},
      {"com.amazonaws.sqs#RequestThrottled", Errc::throttled},
      {"TooManyRequestsException", Errc::throttled},
      {"com.amazon.coral.service#AccessDeniedException", Errc::denied},
      {"com.amazon.coral.service#UnrecognizedClientException", Errc::denied},
      {"InvalidClientTokenId", Errc::denied},
      {"SignatureDoesNotMatch", Errc::denied},
      {"ExpiredTokenException", Errc::denied},
      {"com.amazonaws.sqs#ReceiptHandleIsInvalid", Errc::conflict},
      {"com.amazonaws.sqs#MessageNotInflight", Errc::conflict},
      {"com.amazonaws.sqs#BatchRequestTooLong", Errc::too_large},
      {"com.amazon.coral.validate#ValidationException", Errc::invalid},
      {"com.amazonaws.sqs#InvalidMessageContents", Errc::invalid},
      {"com.amazonaws.dynamodb.v20120810#InternalServerError", Errc::transient},
  };
  for (auto const& [code, expected] : codes) EXPECT_EQ(error(400, code).code, expected) << code;
  EXPECT_EQ(error(500, "Unheard").code, Errc::transient);
  EXPECT_EQ(error(503, "Unheard").code, Errc::transient);
  EXPECT_EQ(error(429, "Unheard").code, Errc::throttled);
  EXPECT_EQ(error(403, "Unheard").code, Errc::denied);
  EXPECT_EQ(error(400, "ValidationException", "Item size has exceeded the maximum allowed size").code,
            Errc::too_large);
}

TEST(AwsErrors, AreSilentOnSuccess) {
  EXPECT_FALSE(failure(response(200, "{}"), target(), "SendMessageBatch").has_value());
}

TEST(AwsErrors, NameTheCredentialThatWasRefused) {
  auto const mismatch = error(403, "SignatureDoesNotMatch", "canonical: x-amz-security-token:sesame");
  EXPECT_THAT(mismatch.message, testing::AllOf(HasSubstr("the keys of AWS_ACCESS_KEY_ID"),
                                               HasSubstr("AWS_SECRET_ACCESS_KEY"), Not(HasSubstr("sesame"))));
  EXPECT_THAT(error(403, "InvalidClientTokenId").message,
              HasSubstr("does not know the keys of AWS_ACCESS_KEY_ID"));
  EXPECT_THAT(error(403, "ExpiredToken").message, HasSubstr("expired"));
}

TEST(AwsErrors, NameThePermissionThatIsMissing) {
  auto const denied = error(403, "AccessDeniedException", "User: arn is not authorized");
  EXPECT_THAT(denied.message, testing::AllOf(HasSubstr("sqs:SendMessage "), HasSubstr("queue \"messages\""),
                                             HasSubstr("AWS_ACCESS_KEY_ID")));
}

TEST(AwsErrors, SayThatCreateMakesWhatIsAbsent) {
  auto const absent = error(400, "com.amazonaws.sqs#QueueDoesNotExist");
  EXPECT_THAT(absent.message,
              testing::AllOf(HasSubstr("messages"), HasSubstr("eu-west-1"), HasSubstr("--create")));
  EXPECT_EQ(absent.service_code, "QueueDoesNotExist");
  EXPECT_EQ(absent.http_status, 400);
}

TEST(AwsErrors, ReadXml) {
  auto const refused = failure(
      response(403,
               "<?xml version=\"1.0\"?><ErrorResponse><Errors><Error><Code>SignatureDoesNotMatch</Code>"
               "<Message>m</Message></Error></Errors></ErrorResponse>"),
      target(), "GetQueueUrl");
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->code, Errc::denied);
  EXPECT_EQ(refused->service_code, "SignatureDoesNotMatch");
}

TEST(AwsErrors, ReadTheHeadersWhereTheBodySaysNothing) {
  auto reply = response(400, "");
  reply.headers.set("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender");
  EXPECT_EQ(failure(reply, target(), "GetQueueUrl")->code, Errc::absent);
  auto other = response(400, "{}");
  other.headers.set("x-amzn-ErrorType", "ThrottlingException:http://internal.amazon.com/");
  EXPECT_EQ(failure(other, target(), "GetQueueUrl")->code, Errc::throttled);
}

TEST(AwsErrors, KeepTheRequestId) {
  auto reply = response(500, "{}");
  reply.headers.set("x-amzn-RequestId", "id-1");
  EXPECT_EQ(failure(reply, target(), "GetQueueUrl")->request_id, "id-1");
}

TEST(AwsErrors, SayThatTheEndpointDoesNotLookLikeTheService) {
  for (auto const& [status, body] : std::vector<std::pair<int, std::string>>{{200, "<html>hello</html>"},
                                                                             {200, ""},
                                                                             {200, "{\"Messages\":["},
                                                                             {404, "<html>not here</html>"},
                                                                             {502, "Bad Gateway"}}) {
    auto const found = failure(response(status, body), target(), "SendMessageBatch");
    ASSERT_TRUE(found.has_value()) << status;
    EXPECT_EQ(found->code, Errc::transient) << status;
    EXPECT_THAT(found->message, HasSubstr("does not look like SQS")) << status;
    EXPECT_EQ(found->maybe_applied, status != 404) << status;
  }
}

TEST(AwsErrors, TellARefusedDateFromARefusedKey) {
  EXPECT_EQ(error(403, "RequestTimeTooSkewed").code, Errc::transient);
  auto const expired = error(400, "InvalidSignatureException", "Signature expired: 2026 is now earlier than");
  EXPECT_EQ(expired.code, Errc::transient);
  EXPECT_THAT(expired.message, HasSubstr("clock"));
  EXPECT_EQ(error(400, "InvalidSignatureException", "does not match").code, Errc::denied);
}

TEST(AwsErrors, KeepTheServicesWordsOnOneLineAndShort) {
  auto const wordy = error(400, "ValidationException", "a\\nb " + std::string(1000, 'x'));
  EXPECT_THAT(wordy.message, HasSubstr("a b xxx"));
  EXPECT_LT(wordy.message.size(), 500u);
}

TEST(AwsErrors, BelieveTheServiceWhoseFaultAnEntryWas) {
  Fault unheard;
  unheard.code = "Unheard";
  EXPECT_EQ(entry_failure(unheard, true, target(), "SendMessageBatch").code, Errc::invalid);
  EXPECT_EQ(entry_failure(unheard, false, target(), "SendMessageBatch").code, Errc::transient);
}

TEST(Crc32, HasTheKnownCheckValue) {
  EXPECT_EQ(crc32("123456789"), 0xCBF43926U);
  EXPECT_EQ(crc32(""), 0U);
  // A reply of the service, with the checksum it announced.
  EXPECT_EQ(crc32("{}"), 2745614147U);
}

TEST(Crc32, IsCheckedWhereAnnounced) {
  auto reply = response(200, "{}");
  reply.headers.set("X-Amz-Crc32", "2745614147");
  EXPECT_FALSE(failure(reply, target(), "GetItem").has_value());
  reply.body = "{ }";
  auto const damaged = failure(reply, target(), "GetItem");
  ASSERT_TRUE(damaged.has_value());
  EXPECT_EQ(damaged->code, Errc::transient);
  EXPECT_THAT(damaged->message, HasSubstr("checksum"));
}
