#include "storage/azure/replies.hpp"
#include "storage/azure/world.hpp"

using replies::Inner;
using storage::Entity;
using storage::Errc;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

namespace {

class AzureTable : public World {
 protected:
  static Entity entity(std::string partition, std::string row, std::string text = "x") {
    Entity made;
    made.key.partition = std::move(partition);
    made.key.row = std::move(row);
    made.values.emplace("a", std::move(text));
    return made;
  }
  static std::vector<Entity> numbered(int count) {
    std::vector<Entity> rows;
    for (int i = 0; i < count; ++i) rows.push_back(entity("p", std::to_string(100 + i)));
    return rows;
  }
  void reply_batch(std::vector<Inner> const& inner) {
    client.reply(202, replies::batch(inner), with("Content-Type", std::string(replies::batch_type)));
  }
  void accept_batch(int count) {
    std::vector<Inner> inner;
    for (int i = 1; i <= count; ++i) inner.push_back({204, i, ""});
    reply_batch(inner);
  }
  void refuse(int status, std::string const& code) {
    client.reply(status, "", with("x-ms-error-code", code));
  }
  static std::size_t operations(http::Request const& request) {
    std::size_t count = 0;
    for (auto at = request.body.find("PUT http"); at != std::string::npos;
         at = request.body.find("PUT http", at + 1))
      ++count;
    return count;
  }

  std::unique_ptr<storage::Table> table_ = table();
};

}  // namespace

TEST_F(AzureTable, PutsASingleRowByItself) {
  client.reply(204);
  std::vector const rows = {entity("p", "r")};
  EXPECT_THAT(*run(table_->upsert(rows)), IsEmpty());
  auto const& request = client.requests.at(0);
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.target, "/rows(PartitionKey='p',RowKey='r')");
  EXPECT_FALSE(request.headers.find("If-Match")) << "replaces, whatever is there";
  EXPECT_THAT(*request.headers.find("Authorization"), testing::StartsWith("SharedKey acc:"));
}

TEST_F(AzureTable, SendsRowsOfOnePartitionAsOneTransaction) {
  accept_batch(3);
  client.reply(204);
  std::vector const rows = {entity("p", "1"), entity("q", "1"), entity("p", "2"), entity("p", "3")};
  EXPECT_THAT(*run(table_->upsert(rows)), IsEmpty());
  ASSERT_THAT(client.requests, SizeIs(2));
  EXPECT_EQ(client.requests[0].target, "/$batch");
  EXPECT_EQ(operations(client.requests[0]), 3u);
  EXPECT_THAT(client.requests[0].body,
              HasSubstr("PUT https://acc.table.core.windows.net/rows(PartitionKey='p',"));
}

TEST_F(AzureTable, KeepsTransactionsBelowTheirLimits) {
  accept_batch(100);
  accept_batch(100);
  accept_batch(30);
  EXPECT_THAT(*run(table_->upsert(numbered(230))), IsEmpty());
  ASSERT_THAT(client.requests, SizeIs(3));
  EXPECT_EQ(operations(client.requests[2]), 30u);

  client.requests.clear();
  std::vector<Entity> large;
  for (int i = 0; i < 5; ++i) large.push_back(entity("p", std::to_string(i), std::string(500'000, '\x01')));
  accept_batch(1);
  for (int i = 0; i < 5; ++i) client.reply(204);
  (void)run(table_->upsert(large));
  for (auto const& request : client.requests) EXPECT_LT(request.body.size(), 4u << 20);
}

TEST_F(AzureTable, WritesARowOnceWhereItComesTwice) {
  client.reply(204);
  std::vector const rows = {entity("p", "r", "first"), entity("p", "r", "last")};
  EXPECT_THAT(*run(table_->upsert(rows)), IsEmpty());
  EXPECT_THAT(client.requests.at(0).body, HasSubstr("last"));
}

TEST_F(AzureTable, RejectsEveryRowOfAKeyThatCouldNotBeWritten) {
  refuse(400, "PropertyNameInvalid");
  std::vector const rows = {entity("p", "r", "first"), entity("p", "r", "last")};
  EXPECT_THAT(*run(table_->upsert(rows)), SizeIs(2));
}

TEST_F(AzureTable, BelievesTheInnerStatusAndSendsTheRestWithoutTheRowAtFault) {
  reply_batch({{400, 1, replies::json_error("PropertyValueTooLarge", "1:Too large.\\nRequestId:7")}});
  client.reply(400, replies::json_error("PropertyValueTooLarge", "Too large.\\nRequestId:8"));
  accept_batch(2);
  auto const rejected = run(table_->upsert(numbered(3)));
  ASSERT_THAT(*rejected, SizeIs(1));
  EXPECT_EQ((*rejected)[0].index, 1u);
  EXPECT_EQ((*rejected)[0].error.code, Errc::too_large);
  EXPECT_EQ((*rejected)[0].error.http_status, 400);
  ASSERT_THAT(client.requests, SizeIs(3));
  EXPECT_THAT(client.requests[1].target, HasSubstr("RowKey='101'"));
  EXPECT_EQ(operations(client.requests[2]), 2u);
  EXPECT_THAT(client.requests[2].body, Not(HasSubstr("RowKey='101'")));
}

TEST_F(AzureTable, WritesARowThatABatchWasWronglyBlamedOn) {
  reply_batch({{400, 1, replies::json_error("InvalidInput", "0:The batch is not to my liking.")}});
  client.reply(204);
  accept_batch(2);
  EXPECT_THAT(*run(table_->upsert(numbered(3))), IsEmpty());
}

TEST_F(AzureTable, FindsTheRowAtFaultByHalvesWhereNobodyNamesIt) {
  auto const answer = [](http::Request const& request) {
    http::Response response;
    bool const poison = request.body.find("\"RowKey\":\"102\"") != std::string::npos;
    bool const batch = request.target == "/$batch";
    if (poison) {
      response.status = 400;
      response.body = replies::json_error("InvalidInput", "Something is wrong.");
    } else if (batch) {
      response.status = 202;
      response.headers.set("Content-Type", std::string(replies::batch_type));
      std::vector<Inner> inner(operations(request));
      response.body = replies::batch(inner);
    } else {
      response.status = 204;
    }
    return base::Result<http::Response>(response);
  };
  for (int i = 0; i < 12; ++i) client.reply_with(answer);
  auto const rejected = run(table_->upsert(numbered(8)));
  ASSERT_THAT(*rejected, SizeIs(1));
  EXPECT_EQ((*rejected)[0].index, 2u);
  EXPECT_EQ((*rejected)[0].error.code, Errc::invalid);
}

TEST_F(AzureTable, SendsABatchAgainThatFailedInsideForAMoment) {
  reply_batch({{500, 1, replies::json_error("InternalError", "0:Again.")}});
  reply_batch({{503, 2, replies::json_error("ServerBusy", "1:Slower.")}});
  accept_batch(2);
  EXPECT_THAT(*run(table_->upsert(numbered(2))), IsEmpty());
  EXPECT_THAT(client.requests, SizeIs(3));
}

TEST_F(AzureTable, RejectsEveryRowOfABatchThatKeepsFailing) {
  for (int i = 0; i < 4; ++i) reply_batch({{500, 1, replies::json_error("InternalError", "0:Again.")}});
  client.reply(204);
  auto rows = numbered(2);
  rows.push_back(entity("q", "1"));
  auto const rejected = run(table_->upsert(rows));
  ASSERT_THAT(*rejected, SizeIs(2)) << "the other partition's row is written";
  for (auto const& item : *rejected) {
    EXPECT_LT(item.index, 2u);
    EXPECT_EQ(item.error.code, Errc::transient);
    EXPECT_TRUE(item.error.maybe_applied);
  }
}

TEST_F(AzureTable, DoesNotTakeABatchReplyForASuccessThatCannotBeRead) {
  auto const whole = replies::batch({{204, 1, ""}, {204, 2, ""}});
  for (auto const& [type, body] :
       {std::pair<std::string, std::string>{replies::batch_type, whole.substr(0, 200)},
        {"text/html", "<html/>"},
        {std::string(replies::batch_type), ""},
        {std::string(replies::batch_type), replies::batch({{204, 1, ""}})}}) {
    client.reply(202, body, with("Content-Type", type));
    auto const rejected = run(table_->upsert(numbered(2)));
    ASSERT_THAT(*rejected, SizeIs(2)) << body;
    EXPECT_EQ((*rejected)[0].error.code, Errc::transient);
    EXPECT_TRUE((*rejected)[0].error.maybe_applied);
    EXPECT_THAT((*rejected)[0].error.message, HasSubstr("Azure Table storage"));
  }
}

TEST_F(AzureTable, RefusesOnlyTheRowsThatItCannotWrite) {
  client.reply(204);
  std::vector const rows = {entity("a/b", "r"), entity("p", "r"),
                            entity("p", "s", std::string(600'000, 'x'))};
  auto const rejected = run(table_->upsert(rows));
  ASSERT_THAT(*rejected, SizeIs(2));
  EXPECT_EQ((*rejected)[0].error.code, Errc::invalid);
  EXPECT_EQ((*rejected)[1].error.code, Errc::too_large);
  EXPECT_THAT(client.requests, SizeIs(1));
}

TEST_F(AzureTable, FailsTheWholeCallWhereTheTableIsAbsent) {
  refuse(404, "TableNotFound");
  auto const outer = run(table_->upsert(numbered(2)));
  ASSERT_FALSE(outer.has_value());
  EXPECT_EQ(outer.error().code, Errc::absent);
  reply_batch({{404, 1, replies::json_error("TableNotFound", "0:The table is absent.")}});
  auto const inner = run(table_->upsert(numbered(2)));
  ASSERT_FALSE(inner.has_value());
  EXPECT_THAT(inner.error().message, HasSubstr("--create"));
}

TEST_F(AzureTable, TellsAnAbsentRowFromAnAbsentTable) {
  storage::Key const key;
  refuse(404, "ResourceNotFound");
  auto const row = run(table_->get(key));
  ASSERT_TRUE(row.has_value());
  EXPECT_FALSE(row->has_value());
  refuse(404, "TableNotFound");
  EXPECT_EQ(run(table_->get(key)).error().code, Errc::absent);
  client.reply(200, "{\"PartitionKey\":");
  EXPECT_EQ(run(table_->get(key)).error().code, Errc::transient);
}

TEST_F(AzureTable, HandsTheContinuationOn) {
  http::Headers headers;
  headers.set("x-ms-continuation-NextPartitionKey", "1!4!cA--");
  headers.set("x-ms-continuation-NextRowKey", "1!4!cg--");
  client.reply(200, R"({"value":[]})", headers);
  storage::Range range;
  auto const first = run(table_->scan(range));
  ASSERT_TRUE(first.has_value());
  EXPECT_THAT(first->rows, IsEmpty());
  ASSERT_FALSE(first->next.empty()) << "an empty page need not be the last";
  range.from = first->next;
  client.reply(200, R"({"value":[{"PartitionKey":"p","RowKey":"r"}]})");
  auto const second = run(table_->scan(range));
  EXPECT_EQ(second->next, "");
  EXPECT_THAT(second->rows, SizeIs(1));
  EXPECT_THAT(client.requests[1].target, HasSubstr("&NextPartitionKey=1%214%21cA--&NextRowKey=1%214%21cg--"));
}

TEST_F(AzureTable, GivesOnlyRowsThatMatchWhateverTheServiceSends) {
  client.reply(
      200, R"({"value":[{"PartitionKey":"p","RowKey":"1","run":"a"},{"PartitionKey":"p","RowKey":"2"}]})");
  storage::Range range;
  range.where.emplace("run", "a");
  auto const page = run(table_->scan(range));
  ASSERT_THAT(page->rows, SizeIs(1));
  EXPECT_EQ(page->rows[0].key.row, "1");
}

TEST_F(AzureTable, IsCreatedOrIsThereAlready) {
  client.reply(204);
  EXPECT_TRUE(run(table_->open(true)).has_value());
  EXPECT_EQ(client.requests[0].method + client.requests[0].target, "POST/Tables");
  EXPECT_EQ(client.requests[0].body, R"({"TableName":"rows"})");
  refuse(409, "TableAlreadyExists");
  EXPECT_TRUE(run(table_->open(true)).has_value());
  for (int i = 0; i < 4; ++i) refuse(409, "TableBeingDeleted");
  EXPECT_EQ(run(table_->open(true)).error().code, Errc::transient);
}
