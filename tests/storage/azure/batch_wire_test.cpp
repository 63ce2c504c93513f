#include "storage/azure/batch_wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "storage/azure/replies.hpp"

using namespace storage::azure;
using replies::batch;
using replies::batch_type;

namespace {

constexpr std::string_view origin = "https://acc.table.core.windows.net";

std::vector<BatchRow> rows(std::initializer_list<std::string> names) {
  static std::deque<std::string> texts;
  std::vector<BatchRow> made;
  for (auto const& name : names) {
    BatchRow row;
    row.target = texts.emplace_back("/t(PartitionKey='p',RowKey='" + name + "')");
    row.json = texts.emplace_back("{\"RowKey\":\"" + name + "\"}");
    made.push_back(row);
  }
  return made;
}

}  // namespace

TEST(BatchWire, WritesOneChangeSetOfReplacements) {
  auto const written = encode_batch(rows({"a", "b"}), origin, "id");
  EXPECT_EQ(written.content_type, "multipart/mixed; boundary=batch_id");
  EXPECT_EQ(written.body,
            "--batch_id\r\nContent-Type: multipart/mixed; boundary=changeset_id\r\n\r\n"
            "--changeset_id\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
            "Content-ID: 1\r\n\r\n"
            "PUT https://acc.table.core.windows.net/t(PartitionKey='p',RowKey='a') HTTP/1.1\r\n"
            "Content-Type: application/json\r\nAccept: application/json;odata=minimalmetadata\r\n"
            "DataServiceVersion: 3.0\r\n\r\n{\"RowKey\":\"a\"}\r\n"
            "--changeset_id\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
            "Content-ID: 2\r\n\r\n"
            "PUT https://acc.table.core.windows.net/t(PartitionKey='p',RowKey='b') HTTP/1.1\r\n"
            "Content-Type: application/json\r\nAccept: application/json;odata=minimalmetadata\r\n"
            "DataServiceVersion: 3.0\r\n\r\n{\"RowKey\":\"b\"}\r\n"
            "--changeset_id--\r\n--batch_id--\r\n");
}

TEST(BatchWire, NeverUnderestimatesTheSizeOfARow) {
  auto const two = rows({"a", "b"});
  auto const one = rows({"a"});
  EXPECT_LE(encode_batch(two, origin, std::string(36, 'x')).body.size() -
                encode_batch(one, origin, std::string(36, 'x')).body.size(),
            batch_size(two[1]) + origin.size());
}

TEST(BatchWire, ReadsASuccess) {
  auto const replies = decode_batch(batch_type, batch({{204, 1, ""}, {204, 2, ""}}));
  ASSERT_TRUE(replies.has_value());
  ASSERT_EQ(replies->size(), 2u);
  EXPECT_TRUE(replies->front().response.ok());
  EXPECT_TRUE(replies->back().response.ok());
}

TEST(BatchWire, ReadsTheIndexOfAFailureFromItsMessage) {
  auto const replies = decode_batch(
      batch_type,
      batch({{400, 1,
              R"({"odata.error":{"code":"InvalidInput","message":{"lang":"en-US","value":"57:No."}}})"}}));
  ASSERT_TRUE(replies.has_value());
  ASSERT_EQ(replies->size(), 1u);
  EXPECT_EQ(replies->front().response.status, 400);
  EXPECT_EQ(replies->front().index, 57u) << "rather than from the Content-ID";
  EXPECT_THAT(replies->front().response.body, testing::StartsWith("{\"odata.error\""));
}

TEST(BatchWire, ReadsTheIndexOfAFailureFromItsContentIdElse) {
  auto const replies = decode_batch(batch_type, batch({{409, 3, "{}"}}));
  ASSERT_TRUE(replies.has_value());
  EXPECT_EQ(replies->front().index, 2u);
}

TEST(BatchWire, TakesQuotedBoundariesAndBareLineFeeds) {
  auto text = batch({{204, 1, ""}});
  std::erase(text, '\r');
  EXPECT_TRUE(decode_batch("Multipart/Mixed; Boundary=\"batchresponse_1\"; charset=utf-8", text).has_value());
}

TEST(BatchWire, RefusesATruncatedReplyWhereverItIsCut) {
  auto const whole = batch({{204, 1, ""}, {204, 2, ""}});
  ASSERT_TRUE(decode_batch(batch_type, whole).has_value());
  for (std::size_t length = 0; length + 4 < whole.size(); ++length)
    EXPECT_FALSE(decode_batch(batch_type, whole.substr(0, length)).has_value()) << length;
}

TEST(BatchWire, RefusesWhatIsNoBatchReply) {
  EXPECT_FALSE(decode_batch("", batch({{204, 1, ""}})).has_value());
  EXPECT_FALSE(decode_batch("application/json", "{}").has_value());
  EXPECT_FALSE(decode_batch(batch_type, "").has_value());
  EXPECT_FALSE(decode_batch(batch_type, std::string_view()).has_value());
  EXPECT_FALSE(decode_batch(batch_type, "--batchresponse_1--").has_value());
  EXPECT_FALSE(
      decode_batch(batch_type, "--batchresponse_1\r\n\r\nHTTP/1.1 204 No Content\r\n--batchresponse_1--")
          .has_value());
}
