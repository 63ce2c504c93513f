#include "storage/aws/sqs_wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace storage::aws;
using storage::Message;
using storage::Outgoing;
using testing::SizeIs;

namespace {
constexpr char const* url = "https://sqs.eu-west-1.amazonaws.com/123456789012/q";
}

TEST(SqsWire, SendsPickedMessagesWithTheirPlaceAsId) {
  std::vector<Outgoing> messages(3);
  messages[0].body = "{\"a\":1}";
  messages[2].body = "line\n";
  messages[2].delay = std::chrono::seconds(5);
  std::vector<std::size_t> const picked = {0, 2};
  EXPECT_EQ(sqs::encode_send(url, messages, picked, false),
            R"({"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/123456789012/q","Entries":[)"
            R"({"Id":"0","MessageBody":"{\"a\":1}"},{"Id":"1","MessageBody":"line\n","DelaySeconds":5}]})");
}

TEST(SqsWire, SendsGroupAndDeduplicationIdToFifoQueues) {
  std::vector<Outgoing> messages(1);
  messages[0].body = "b";
  messages[0].group = "g";
  messages[0].deduplication_id = "d";
  std::vector<std::size_t> const picked = {0};
  EXPECT_THAT(sqs::encode_send(url, messages, picked, true),
              testing::HasSubstr(R"("MessageGroupId":"g","MessageDeduplicationId":"d")"));
  EXPECT_THAT(sqs::encode_send(url, messages, picked, false), testing::Not(testing::HasSubstr("Group")));
}

TEST(SqsWire, CreatesAFifoQueueByItsName) {
  EXPECT_EQ(sqs::encode_create_queue("q"),
            R"({"QueueName":"q","Attributes":{"MessageRetentionPeriod":"1209600"}})");
  EXPECT_EQ(sqs::encode_create_queue("q.fifo"),
            R"({"QueueName":"q.fifo","Attributes":{"FifoQueue":"true","MessageRetentionPeriod":"1209600"}})");
}

TEST(SqsWire, AsksForMessages) {
  sqs::Poll poll;
  poll.at_most = 10;
  poll.lease = std::chrono::seconds(60);
  poll.wait = std::chrono::seconds(20);
  EXPECT_EQ(sqs::encode_receive("u", poll),
            R"({"QueueUrl":"u","MaxNumberOfMessages":10,"VisibilityTimeout":60,"WaitTimeSeconds":20,)"
            R"("MessageSystemAttributeNames":["ApproximateReceiveCount","SentTimestamp","MessageGroupId"],)"
            R"("MessageAttributeNames":["traceparent"]})");
}

TEST(SqsWire, CarriesATraceContextAsAnAttribute) {
  std::vector<Outgoing> messages(2);
  messages[0].body = "a";
  messages[1].body = "b";
  messages[1].traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  std::vector<std::size_t> const picked = {0, 1};
  EXPECT_EQ(sqs::encode_send("u", messages, picked, false),
            R"({"QueueUrl":"u","Entries":[{"Id":"0","MessageBody":"a"},{"Id":"1","MessageBody":"b",)"
            R"("MessageAttributes":{"traceparent":{"DataType":"String","StringValue":)"
            R"("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}}]})");
  EXPECT_EQ(sqs::attribute_bytes(messages[0]), 0U);
  EXPECT_EQ(sqs::attribute_bytes(messages[1]), 11U + 6U + 55U);
}

TEST(SqsWire, ReadsATraceContextAndOverlooksWhatIsNone) {
  auto const with = [](std::string const& attributes) {
    auto const messages = sqs::decode_receive(
        R"({"Messages":[{"MessageId":"m","ReceiptHandle":"r","Body":"b","MessageAttributes":)" + attributes +
        "}]}");
    return messages && messages->size() == 1 ? messages->front().traceparent : std::string("?");
  };
  EXPECT_EQ(with(R"({"traceparent":{"DataType":"String","StringValue":"00-1"}})"), "00-1");
  EXPECT_EQ(with(R"({"traceparent":{"DataType":"Binary","BinaryValue":"AA=="}})"), "");
  EXPECT_EQ(with(R"({"traceparent":7})"), "");
  EXPECT_EQ(with("[]"), "");
}

TEST(SqsWire, ChangesVisibilityAndDeletesByReceipt) {
  std::vector<Message> messages(2);
  messages[1].receipt = "r+/=";
  std::vector<std::size_t> const picked = {1};
  EXPECT_EQ(sqs::encode_change_visibility("u", messages, picked, std::chrono::seconds(7)),
            R"({"QueueUrl":"u","Entries":[{"Id":"0","ReceiptHandle":"r+/=","VisibilityTimeout":7}]})");
  EXPECT_EQ(sqs::encode_delete("u", messages, picked),
            R"({"QueueUrl":"u","Entries":[{"Id":"0","ReceiptHandle":"r+/="}]})");
}

TEST(SqsWire, ReadsMessages) {
  auto const messages = sqs::decode_receive(
      R"({"Messages":[{"MessageId":"m1","ReceiptHandle":"r1","MD5OfBody":"x","Body":"{\"a\":\"ü\"}",)"
      R"("Attributes":{"ApproximateReceiveCount":"3","SentTimestamp":"1795322049173","MessageGroupId":"g"}},)"
      R"({"MessageId":"m2","ReceiptHandle":"r2","Body":"b"}]})");
  ASSERT_TRUE(messages.has_value());
  ASSERT_THAT(*messages, SizeIs(2));
  EXPECT_EQ(messages->at(0).id, "m1");
  EXPECT_EQ(messages->at(0).receipt, "r1");
  EXPECT_EQ(messages->at(0).body, "{\"a\":\"ü\"}");
  EXPECT_EQ(messages->at(0).receive_count, 3);
  EXPECT_EQ(messages->at(0).group, "g");
  ASSERT_TRUE(messages->at(0).sent_at.has_value());
  EXPECT_EQ(messages->at(0).sent_at->time_since_epoch(), std::chrono::milliseconds(1795322049173));
  EXPECT_EQ(messages->at(1).receive_count, 1);
  EXPECT_FALSE(messages->at(1).sent_at.has_value());
}

TEST(SqsWire, ReadsThatThereIsNothing) {
  EXPECT_THAT(sqs::decode_receive("{}"), testing::Optional(testing::IsEmpty()));
  EXPECT_THAT(sqs::decode_receive("{\"Messages\":[]}"), testing::Optional(testing::IsEmpty()));
  EXPECT_FALSE(sqs::decode_receive("[]").has_value());
  EXPECT_FALSE(sqs::decode_receive("{\"Messages\":7}").has_value());
}

TEST(SqsWire, LeavesOutMessagesThatCannotBeAcknowledged) {
  auto const messages = sqs::decode_receive(
      R"({"Messages":[{"MessageId":"m1","Body":"no receipt"},7,{"MessageId":"m2","ReceiptHandle":"r","Body":"b"}]})");
  ASSERT_TRUE(messages.has_value());
  ASSERT_THAT(*messages, SizeIs(1));
  EXPECT_EQ(messages->at(0).id, "m2");
}

TEST(SqsWire, ReadsSuccessesHoweverTheyAreWritten) {
  for (
      auto const* text :
      {R"({"Successful":[{"Id":"0","MessageId":"a","MD5OfMessageBody":"b"},{"MD5OfMessageAttributes":"c","Id":"2"}]})",
       R"({"Failed":[],"Successful":[{"Id":"2"},{"Id":"0"},{"Id":"3"},{"Id":"-1"},{"Id":1},{}]} )",
       R"({"Failed":null,"Successful":[{"Id":"\u0032"},{"Id":"9","Id":"0"}],"Other":{"Successful":[]}})"}) {
    auto const outcomes = sqs::decode_batch(text, 3);
    ASSERT_TRUE(outcomes.has_value()) << text;
    ASSERT_EQ(outcomes->size(), 3U);
    EXPECT_TRUE((*outcomes)[0].done && !(*outcomes)[1].done && (*outcomes)[2].done) << text;
  }
  for (auto const* text :
       {R"({"Successful":[{"Id":"0"}])", R"({"Successful":{"Id":"0"}})", R"({"Successful":[]}x)"})
    EXPECT_FALSE(sqs::decode_batch(text, 3).has_value()) << text;
}

TEST(SqsWire, ReadsWhatBecameOfEachEntry) {
  auto const outcomes = sqs::decode_batch(
      R"({"Successful":[{"Id":"0","MessageId":"m"}],"Failed":[{"Id":"2","SenderFault":true,)"
      R"("Code":"AWS.SimpleQueueService.InvalidMessageContents","Message":"words"},{"Id":"9"},{"Id":"x"}]})",
      3);
  ASSERT_TRUE(outcomes.has_value());
  EXPECT_TRUE(outcomes->at(0).done);
  EXPECT_FALSE(outcomes->at(1).done) << "not mentioned is not done";
  EXPECT_EQ(outcomes->at(1).fault.code, "");
  EXPECT_FALSE(outcomes->at(2).done);
  EXPECT_TRUE(outcomes->at(2).sender_fault);
  EXPECT_EQ(outcomes->at(2).fault.code, "InvalidMessageContents");
  EXPECT_EQ(outcomes->at(2).fault.message, "words");
}

TEST(SqsWire, ReadsAttributesAndTheQueueUrl) {
  auto const attributes = sqs::decode_attributes(
      R"({"Attributes":{"MaximumMessageSize":"1048576","ApproximateNumberOfMessages":"1",)"
      R"("ApproximateNumberOfMessagesNotVisible":"2","ApproximateNumberOfMessagesDelayed":"x","RedrivePolicy":"{}"}})");
  ASSERT_TRUE(attributes.has_value());
  EXPECT_EQ(attributes->maximum_message_size, 1048576u);
  EXPECT_EQ(attributes->visible, 1u);
  EXPECT_EQ(attributes->leased, 2u);
  EXPECT_FALSE(attributes->delayed.has_value());
  EXPECT_EQ(attributes->redrive_policy, "{}");
  EXPECT_EQ(sqs::decode_queue_url(R"({"QueueUrl":"u"})"), "u");
  EXPECT_FALSE(sqs::decode_queue_url(R"({"QueueUrl":7})").has_value());
}
