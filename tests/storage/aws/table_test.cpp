#include "storage/aws/table.hpp"

#include "fixture.hpp"

using namespace storage::aws;
using storage::Entity;
using storage::Key;
using storage::Range;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using namespace std::chrono_literals;

namespace {

std::string table(std::string const& status, std::string const& hash, std::string const& range = {},
                  std::string const& type = "S") {
  std::string const keys =
      "{\"AttributeName\":\"" + hash + "\",\"KeyType\":\"HASH\"}" +
      (range.empty() ? "" : ",{\"AttributeName\":\"" + range + "\",\"KeyType\":\"RANGE\"}");
  std::string const types =
      "{\"AttributeName\":\"" + hash + "\",\"AttributeType\":\"" + type + "\"}" +
      (range.empty() ? "" : ",{\"AttributeName\":\"" + range + "\",\"AttributeType\":\"S\"}");
  return "{\"Table\":{\"TableStatus\":\"" + status + "\",\"KeySchema\":[" + keys +
         "],\"AttributeDefinitions\":[" + types + "]}}";
}

struct DynamoTables : Scripted {
  DynamoTable opened(std::string const& hash = "PartitionKey", std::string const& range = "RowKey") {
    client.reply(200, table("ACTIVE", hash, range));
    DynamoTable made(service("results", "table"), shared);
    EXPECT_TRUE(run(made.open(false)).has_value());
    client.requests.clear();
    return made;
  }
  static std::vector<Entity> rows(int count) {
    std::vector<Entity> made;
    for (int i = 0; i < count; ++i) {
      Entity row;
      row.key.partition = "p";
      row.key.row = "row-" + std::to_string(100 + i);
      made.push_back(row);
    }
    return made;
  }
  static std::string unprocessed(std::vector<std::string> const& names) {
    std::string items;
    for (auto const& name : names)
      items += (items.empty() ? "" : ",") +
               ("{\"PutRequest\":{\"Item\":{\"PartitionKey\":{\"S\":\"p\"},\"RowKey\":"
                "{\"S\":\"" +
                name + "\"}}}}");
    return "{\"UnprocessedItems\":{\"results\":[" + items + "]}}";
  }
};

}  // namespace

TEST_F(DynamoTables, AreMadeWhereAbsentAndWaitedFor) {
  refuse("ResourceNotFoundException");
  client.reply(200, "{\"TableDescription\":{}}");
  refuse("ResourceNotFoundException");  // not known everywhere yet
  client.reply(200, table("CREATING", "PartitionKey", "RowKey"));
  client.reply(200, table("ACTIVE", "PartitionKey", "RowKey"));
  DynamoTable made(service("results", "table"), shared);
  ASSERT_TRUE(run(made.open(true)).has_value());
  EXPECT_EQ(action(1), "CreateTable");
  EXPECT_EQ(action(4), "DescribeTable");
  EXPECT_THAT(client.requests, SizeIs(5));
  EXPECT_THAT(clock.slept, SizeIs(2));
}

TEST_F(DynamoTables, ThatSomebodyElseMakesMeanwhileAreTaken) {
  refuse("ResourceNotFoundException");
  refuse("ResourceInUseException");
  client.reply(200, table("ACTIVE", "id", "messageProcessingTime"));
  DynamoTable made(service("results", "table"), shared);
  EXPECT_TRUE(run(made.open(true)).has_value());
}

TEST_F(DynamoTables, AreNotWaitedForWithoutEnd) {
  client.reply(200, table("CREATING", "PartitionKey", "RowKey"));
  for (int i = 0; i < 200; ++i) client.reply(200, table("CREATING", "PartitionKey", "RowKey"));
  DynamoTable made(service("results", "table"), shared);
  EXPECT_EQ(run(made.open(false)).error().code, Errc::transient);
}

TEST_F(DynamoTables, SayThatCreateMakesAnAbsentOne) {
  refuse("ResourceNotFoundException");
  DynamoTable made(service("results", "table"), shared);
  auto const open = run(made.open(false));
  ASSERT_FALSE(open.has_value());
  EXPECT_EQ(open.error().code, Errc::absent);
  EXPECT_THAT(open.error().message, AllOf(HasSubstr("table \"results\""), HasSubstr("--create")));
}

TEST_F(DynamoTables, WithANumberAsKeyAreRefused) {
  client.reply(200, table("ACTIVE", "id", "", "N"));
  DynamoTable made(service("results", "table"), shared);
  auto const open = run(made.open(false));
  ASSERT_FALSE(open.has_value());
  EXPECT_EQ(open.error().code, Errc::invalid);
  EXPECT_THAT(open.error().message, HasSubstr("\"id\""));
}

TEST_F(DynamoTables, TakeTwentyFiveRowsInARequest) {
  auto made = opened();
  for (int i = 0; i < 3; ++i) client.reply(200, "{\"UnprocessedItems\":{}}");
  EXPECT_THAT(run(made.upsert(rows(60))).value(), IsEmpty());
  EXPECT_THAT(client.requests, SizeIs(3));
}

TEST_F(DynamoTables, SendAgainOnlyWhatStayedUnprocessed) {
  auto made = opened();
  shared.policy.throttle_base = 25ms;
  client.reply(200, unprocessed({"row-101"}));
  client.reply(200, "{}");
  EXPECT_THAT(run(made.upsert(rows(3))).value(), IsEmpty());
  ASSERT_THAT(client.requests, SizeIs(2));
  EXPECT_THAT(body(1), AllOf(HasSubstr("row-101"), Not(HasSubstr("row-100")), Not(HasSubstr("row-102"))));
  ASSERT_THAT(clock.slept, SizeIs(1));
  EXPECT_LE(clock.slept[0], 25ms);
}

TEST_F(DynamoTables, SlowAllLoopsDownForWhatStaysUnprocessedAndCountIt) {
  auto made = opened();
  shared.policy.throttle_base = 25ms;
  auto const gate = gates.gate(service("t", "table").endpoint().origin);
  client.reply(200, "{}");
  EXPECT_THAT(run(made.upsert(rows(3))).value(), IsEmpty());
  EXPECT_FALSE(gate->pace().has_value());
  EXPECT_EQ(counters.throttles, 0u);
  client.reply(200, unprocessed({"row-101"}));
  client.reply(200, "{}");
  EXPECT_THAT(run(made.upsert(rows(3))).value(), IsEmpty());
  EXPECT_TRUE(gate->pace().has_value());
  EXPECT_EQ(counters.throttles, 1u);
}

TEST_F(DynamoTables, GiveUpOnWhatStaysUnprocessed) {
  auto made = opened();
  shared.policy.max_attempts = 4;
  client.reply(200, unprocessed({"row-101"}));
  for (int i = 0; i < 20; ++i) client.reply(200, unprocessed({"row-101"}));
  auto const rejected = run(made.upsert(rows(3))).value();
  ASSERT_THAT(rejected, SizeIs(1));
  EXPECT_EQ(rejected[0].index, 1u);
  EXPECT_EQ(rejected[0].error.code, Errc::throttled);
  EXPECT_LE(client.requests.size(), 5u);
}

TEST_F(DynamoTables, FindTheRowThatSpoilsARequest) {
  auto made = opened();
  refuse("ValidationException");
  client.reply(200, "{}");
  refuse("ValidationException", "a value is wrong");
  client.reply(200, "{}");
  auto const rejected = run(made.upsert(rows(3))).value();
  ASSERT_THAT(rejected, SizeIs(1));
  EXPECT_EQ(rejected[0].index, 1u);
  EXPECT_EQ(rejected[0].error.code, Errc::invalid);
  EXPECT_THAT(rejected[0].error.message, HasSubstr("a value is wrong"));
  EXPECT_THAT(client.requests, SizeIs(4));
}

TEST_F(DynamoTables, RefuseARowThatIsTooLargeOrNotTextBeforeSendingIt) {
  auto made = opened();
  client.reply(200, "{}");
  auto all = rows(4);
  all[0].values["data"] = std::string(dynamodb::largest_item, 'x');
  all[1].values["data"] = "\xFF";
  all[2].key.row.clear();
  auto const rejected = run(made.upsert(all)).value();
  ASSERT_THAT(rejected, SizeIs(3));
  EXPECT_EQ(rejected[0].error.code, Errc::too_large);
  EXPECT_EQ(rejected[1].error.code, Errc::invalid);
  EXPECT_EQ(rejected[2].error.code, Errc::invalid);
  EXPECT_THAT(client.requests, SizeIs(1));
}

TEST_F(DynamoTables, SendTheLastOfTwoRowsWithOneKey) {
  auto made = opened();
  client.reply(200, "{}");
  auto all = rows(1);
  all.push_back(all[0]);
  all[0].values["data"] = "early";
  all[1].values["data"] = "late";
  EXPECT_THAT(run(made.upsert(all)).value(), IsEmpty());
  EXPECT_THAT(body(0), AllOf(HasSubstr("late"), Not(HasSubstr("early"))));
}

TEST_F(DynamoTables, LetARowThatGaveWayShareTheFateOfTheOther) {
  auto made = opened();
  refuse("ValidationException");
  auto all = rows(1);
  all.push_back(all[0]);
  auto const rejected = run(made.upsert(all)).value();
  ASSERT_THAT(rejected, SizeIs(2));
}

TEST_F(DynamoTables, FailAsAWholeWhereEveryRequestDoes) {
  auto made = opened();
  refuse("ProvisionedThroughputExceededException");
  auto const written = run(made.upsert(rows(3)));
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, Errc::throttled);
}

TEST_F(DynamoTables, TakeAReplyThatMakesNoSenseForNothingWritten) {
  auto made = opened();
  shared.policy.max_attempts = 2;
  client.reply(200, "{\"UnprocessedItems\":7}");
  client.reply(200, "{\"UnprocessedItems\":{\"results\":[{}]}}");
  auto const rejected = run(made.upsert(rows(2))).value();
  ASSERT_THAT(rejected, SizeIs(2));
  EXPECT_EQ(rejected[0].error.code, Errc::transient);
}

TEST_F(DynamoTables, NoticeADamagedReply) {
  auto made = opened();
  http::Headers headers;
  headers.set("x-amz-crc32", "1");
  client.reply(200, "{}", headers);
  Key key;
  key.partition = "p";
  key.row = "r";
  auto const found = run(made.get(key));
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code, Errc::transient);
}

TEST_F(DynamoTables, OfTheSampleAreReadByIdAlone) {
  auto made = opened("id", "messageProcessingTime");
  client.reply(200,
               R"({"Items":[{"id":{"S":"p/r"},"messageProcessingTime":{"S":"stamp"},"data":{"S":"d"}}]})");
  Key key;
  key.partition = "p";
  key.row = "r";
  auto const found = run(made.get(key)).value();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->key, key);
  EXPECT_EQ(found->text("data"), "d");
  EXPECT_EQ(action(0), "Query");
  EXPECT_THAT(body(0), HasSubstr(R"({"S":"p/r"})"));
}

TEST_F(DynamoTables, GiveNothingForAKeyThatCannotBe) {
  auto made = opened();
  EXPECT_FALSE(run(made.get(Key())).value().has_value());
  EXPECT_THAT(client.requests, IsEmpty());
}

TEST_F(DynamoTables, ScanFromWhereThePageBeforeEnded) {
  auto made = opened();
  client.reply(200, R"({"Items":[],"LastEvaluatedKey":{"PartitionKey":{"S":"p"},"RowKey":{"S":"r"}}})");
  client.reply(200, R"({"Items":[]})");
  Range range;
  auto const first = run(made.scan(range)).value();
  range.from = first.next;
  EXPECT_EQ(run(made.scan(range)).value().next, "");
  EXPECT_THAT(body(1), HasSubstr("\"ExclusiveStartKey\":" + first.next));
  range.from = "\"Limit\":9";
  EXPECT_EQ(run(made.scan(range)).error().code, Errc::invalid);
}
