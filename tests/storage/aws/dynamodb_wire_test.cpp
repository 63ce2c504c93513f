#include "storage/aws/dynamodb_wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace storage::aws;
using storage::Entity;
using storage::Range;
using storage::Value;
using testing::HasSubstr;

namespace {

Schema ours() {
  Schema made;
  made.hash = "PartitionKey";
  made.range = "RowKey";
  return made;
}

Entity row() {
  Entity made;
  made.key.partition = "p";
  made.key.row = "r";
  made.values["data"] = "say \"ü\"";
  made.values["seq"] = std::int64_t{-7};
  return made;
}

}  // namespace

TEST(DynamoDbWire, WritesAnItem) {
  auto const key = item_key(ours(), row()).value();
  EXPECT_EQ(dynamodb::encode_item(ours(), key, row()),
            R"({"PartitionKey":{"S":"p"},"RowKey":{"S":"r"},"data":{"S":"say \"ü\""},"seq":{"N":"-7"}})");
}

TEST(DynamoDbWire, LetsTheKeyWinOverAValueOfItsName) {
  auto made = row();
  made.values["RowKey"] = "other";
  auto const item = dynamodb::encode_item(ours(), item_key(ours(), made).value(), made);
  EXPECT_THAT(item, HasSubstr(R"("RowKey":{"S":"r"})"));
  EXPECT_THAT(item, testing::Not(HasSubstr("other")));
}

TEST(DynamoDbWire, CountsAnItemAsTheServiceDoes) {
  // Names 12 + 6 + 4 + 3, texts 1 + 1 + 8, the number 3.
  EXPECT_EQ(dynamodb::item_size(ours(), item_key(ours(), row()).value(), row()), 25u + 10u + 3u);
}

TEST(DynamoDbWire, WritesABatch) {
  std::vector<std::string_view> const items = {R"({"a":1})", R"({"b":2})"};
  EXPECT_EQ(dynamodb::encode_batch_write("t", items),
            R"({"RequestItems":{"t":[{"PutRequest":{"Item":{"a":1}}},{"PutRequest":{"Item":{"b":2}}}]}})");
}

TEST(DynamoDbWire, AsksForOneItemConsistently) {
  auto const key = item_key(ours(), row()).value();
  EXPECT_EQ(dynamodb::encode_get("t", ours(), key),
            R"({"TableName":"t","Key":{"PartitionKey":{"S":"p"},"RowKey":{"S":"r"}},"ConsistentRead":true})");
}

TEST(DynamoDbWire, ScansPageByPage) {
  Range range;
  range.at_most = 10;
  EXPECT_EQ(dynamodb::encode_scan("t", range), R"({"TableName":"t","ConsistentRead":true,"Limit":10})");
  range.from = R"({"id":{"S":"x"}})";
  EXPECT_THAT(dynamodb::encode_scan("t", range), HasSubstr(R"("ExclusiveStartKey":{"id":{"S":"x"}})"));
}

TEST(DynamoDbWire, FiltersByAValueThatMayBeANumber) {
  Range range;
  range.where.emplace("run", "a\"b");
  EXPECT_THAT(dynamodb::encode_scan("t", range),
              HasSubstr(R"("FilterExpression":"#w = :s","ExpressionAttributeNames":{"#w":"run"},)"
                        R"("ExpressionAttributeValues":{":s":{"S":"a\"b"}}})"));
  range.where.emplace("seq", "12");
  EXPECT_THAT(dynamodb::encode_scan("t", range), HasSubstr(R"("#w = :s OR #w = :n")"));
  EXPECT_THAT(dynamodb::encode_scan("t", range), HasSubstr(R"(":s":{"S":"12"},":n":{"N":"12"})"));
  range.where.emplace("seq", "007");
  EXPECT_THAT(dynamodb::encode_scan("t", range), testing::Not(HasSubstr(":n")));
}

TEST(DynamoDbWire, TakesOnlyAnObjectAsPageToken) {
  EXPECT_TRUE(dynamodb::is_page_token(""));
  EXPECT_TRUE(dynamodb::is_page_token(R"({"id":{"S":"x"}})"));
  EXPECT_FALSE(dynamodb::is_page_token(R"({"id":1},"Limit":9)"));
  EXPECT_FALSE(dynamodb::is_page_token("x"));
}

TEST(DynamoDbWire, CreatesATablePaidByUse) {
  EXPECT_EQ(
      dynamodb::encode_create("t", ours()),
      R"({"TableName":"t","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[)"
      R"({"AttributeName":"PartitionKey","AttributeType":"S"},{"AttributeName":"RowKey","AttributeType":"S"}],)"
      R"("KeySchema":[{"AttributeName":"PartitionKey","KeyType":"HASH"},{"AttributeName":"RowKey","KeyType":"RANGE"}]})");
}

TEST(DynamoDbWire, ReadsTheKeySchema) {
  auto const table = dynamodb::decode_description(
      R"({"Table":{"TableStatus":"ACTIVE","KeySchema":[{"AttributeName":"id","KeyType":"HASH"},)"
      R"({"AttributeName":"messageProcessingTime","KeyType":"RANGE"}],"AttributeDefinitions":[)"
      R"({"AttributeName":"messageProcessingTime","AttributeType":"N"},{"AttributeName":"id","AttributeType":"S"}]}})");
  ASSERT_TRUE(table.has_value());
  EXPECT_EQ(table->status, "ACTIVE");
  EXPECT_TRUE(table->schema.sample());
  EXPECT_EQ(table->hash_type, "S");
  EXPECT_EQ(table->range_type, "N");
  EXPECT_FALSE(dynamodb::decode_description("{}").has_value());
}

TEST(DynamoDbWire, ReadsAnItem) {
  auto const found = dynamodb::decode_get(
      R"({"Item":{"PartitionKey":{"S":"p"},"RowKey":{"S":"r"},"seq":{"N":"12"},"half":{"N":"0.5"},)"
      R"("flag":{"BOOL":true},"list":{"L":[]},"text":{"S":"t"},"max":{"N":"9223372036854775807"}}})",
      ours());
  ASSERT_TRUE(found.has_value() && found->has_value());
  auto const& values = (*found)->values;
  EXPECT_EQ((*found)->key.row, "r");
  EXPECT_EQ(values.at("seq"), Value(std::int64_t{12}));
  EXPECT_EQ(values.at("half"), Value("0.5"));
  EXPECT_EQ(values.at("flag"), Value("true"));
  EXPECT_EQ(values.at("text"), Value("t"));
  EXPECT_EQ(values.at("max"), Value(std::int64_t{9223372036854775807}));
  EXPECT_EQ(values.count("list"), 0u);
}

TEST(DynamoDbWire, ReadsThatThereIsNoItem) {
  auto const found = dynamodb::decode_get("{}", ours());
  ASSERT_TRUE(found.has_value());
  EXPECT_FALSE(found->has_value());
  EXPECT_FALSE(dynamodb::decode_get("[]", ours()).has_value());
  EXPECT_FALSE(dynamodb::decode_get(R"({"Item":{"other":{"S":"x"}}})", ours()).has_value());
}

TEST(DynamoDbWire, ReadsAPageAndWhereTheNextBegins) {
  auto const page = dynamodb::decode_page(
      R"({"Items":[{"PartitionKey":{"S":"p"},"RowKey":{"S":"r"}},{"strange":{"S":"x"}}],"Count":2,)"
      R"("LastEvaluatedKey":{"PartitionKey":{"S":"p"},"RowKey":{"S":"r"}}})",
      ours());
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->rows.size(), 1u);
  EXPECT_TRUE(dynamodb::is_page_token(page->next));
  EXPECT_THAT(page->next, HasSubstr("PartitionKey"));
  EXPECT_EQ(dynamodb::decode_page(R"({"Items":[],"LastEvaluatedKey":{}})", ours())->next, "");
}

TEST(DynamoDbWire, ReadsWhatStayedUnprocessed) {
  auto const keys = dynamodb::decode_unprocessed(
      R"({"UnprocessedItems":{"t":[{"PutRequest":{"Item":{"PartitionKey":{"S":"p"},"RowKey":{"S":"r"},"a":{"S":"1"}}}}]}})",
      "t", ours());
  ASSERT_TRUE(keys.has_value());
  ASSERT_EQ(keys->size(), 1u);
  EXPECT_EQ(keys->at(0), item_key(ours(), row()).value());
  EXPECT_THAT(dynamodb::decode_unprocessed("{}", "t", ours()), testing::Optional(testing::IsEmpty()));
  EXPECT_FALSE(dynamodb::decode_unprocessed(R"({"UnprocessedItems":{"t":[7]}})", "t", ours()).has_value())
      << "what can't be told apart must not pass for written";
}
