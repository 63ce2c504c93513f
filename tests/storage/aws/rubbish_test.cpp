// Whatever a broken or hostile endpoint answers, the decoders end with a value or with nothing.
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "storage/aws/dynamodb_wire.hpp"
#include "storage/aws/errors.hpp"
#include "storage/aws/sqs_wire.hpp"

using namespace storage::aws;

namespace {

void decode_all(std::string const& body) {
  Schema schema;
  schema.hash = "PartitionKey";
  schema.range = "RowKey";
  sqs::decode_queue_url(body);
  sqs::decode_attributes(body);
  sqs::decode_batch(body, 3);
  sqs::decode_receive(body);
  dynamodb::decode_unprocessed(body, "t", schema);
  dynamodb::decode_get(body, schema);
  if (auto const page = dynamodb::decode_page(body, schema)) {
    EXPECT_TRUE(dynamodb::is_page_token(page->next));
  }
  dynamodb::decode_description(body);
  http::Response response;
  for (int const status : {200, 301, 400, 403, 500}) {
    response.status = status;
    response.body = body;
    if (auto const error = failure(response, Target(), "Action")) {
      EXPECT_FALSE(error->message.empty());
    }
  }
}

std::vector<std::string> replies() {
  return {
      R"({"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/123456789012/q"})",
      R"({"Attributes":{"MaximumMessageSize":"262144","ApproximateNumberOfMessages":"1"}})",
      R"({"Successful":[{"Id":"0","MessageId":"m"}],"Failed":[{"Id":"1","SenderFault":true,"Code":"c","Message":"m"}]})",
      R"({"Messages":[{"MessageId":"m1","ReceiptHandle":"r1","Body":"\u00fc{}","Attributes":)"
      R"({"ApproximateReceiveCount":"3","SentTimestamp":"1795322049173","MessageGroupId":"g"}}]})",
      R"({"UnprocessedItems":{"t":[{"PutRequest":{"Item":{"PartitionKey":{"S":"p"},"RowKey":{"S":"r"}}}}]}})",
      R"({"Item":{"PartitionKey":{"S":"p"},"RowKey":{"S":"r"},"seq":{"N":"12"},"flag":{"BOOL":true}}})",
      R"({"Items":[{"PartitionKey":{"S":"p"},"RowKey":{"S":"r"}}],"LastEvaluatedKey":{"PartitionKey":{"S":"p"}}})",
      R"({"Table":{"TableStatus":"ACTIVE","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],)"
      R"("AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}]}})",
      R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"words"})",
      "<ErrorResponse><Errors><Error><Code>SignatureDoesNotMatch</Code><Message>m</Message></Error></Errors>"
      "</ErrorResponse>",
  };
}

}  // namespace

TEST(Decoders, SurviveEveryTruncation) {
  for (auto const& reply : replies())
    for (std::size_t size = 0; size <= reply.size(); ++size) decode_all(reply.substr(0, size));
}

TEST(Decoders, SurviveMutations) {
  base::SeededRandom random(20261122);
  auto const all = replies();
  for (int round = 0; round < 20'000; ++round) {
    auto reply = all[random.below(all.size())];
    for (std::uint64_t i = 0; i <= random.below(4); ++i) {
      auto const at = random.below(reply.size());
      constexpr std::string_view syntax = "{}[]\",:\\0-9ntS";
      switch (random.below(4)) {
        case 0:
          reply[at] = static_cast<char>(random.below(256));
          break;
        case 1:
          reply[at] = syntax[random.below(syntax.size())];
          break;
        case 2:
          reply.erase(at, 1 + random.below(8));
          break;
        default:
          reply.insert(at, reply.substr(random.below(reply.size()), random.below(20)));
      }
      if (reply.empty()) reply = "{";
    }
    decode_all(reply);
  }
}

TEST(Decoders, SurviveWrongTypesEverywhere) {
  for (auto const* value : {"null", "7", "-1e999", "\"x\"", "[]", "{}", "true", "[[[]]]", "{\"S\":7}"})
    for (auto const* key : {"QueueUrl", "Attributes", "Successful", "Failed", "Messages", "UnprocessedItems",
                            "Item", "Items", "LastEvaluatedKey", "Table", "__type", "message"})
      for (auto const& body :
           {std::string("{\"") + key + "\":" + value + "}", std::string("{\"") + key + "\":[" + value + "]}",
            std::string("{\"") + key + "\":{\"t\":" + value + ",\"KeySchema\":" + value + "}}"})
        decode_all(body);
}

TEST(Decoders, SurviveDeepNesting) {
  std::string const open(20'000, '[');
  std::string const close(20'000, ']');
  for (std::string const key : {"Messages", "Successful", "Items", "UnprocessedItems", "Table", "message"})
    for (auto const& value : {open, open + close, "{\"t\":" + open + close + "}"})
      decode_all("{\"Items\":[],\"" + key + "\":" + value + "}");
  decode_all("{\"Items\":[],\"LastEvaluatedKey\":{\"id\":" + open + close + "}}");
}
