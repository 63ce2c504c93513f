#include "storage/aws/keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace storage::aws;
using storage::Entity;
using storage::Key;

namespace {

Schema schema(std::string hash, std::string range = {}) {
  Schema made;
  made.hash = std::move(hash);
  made.range = std::move(range);
  return made;
}

Entity row(std::string partition, std::string name) {
  Entity made;
  made.key.partition = std::move(partition);
  made.key.row = std::move(name);
  return made;
}

}  // namespace

TEST(ItemKeys, AreTheRowsOwnWhereTheTableHasTwo) {
  for (auto const& table : {schema("PartitionKey", "RowKey"), schema("pk", "sk")}) {
    auto const key = item_key(table, row("0a-run", "000000000001")).value();
    EXPECT_EQ(key.hash, "0a-run");
    EXPECT_EQ(key.range, "000000000001");
    EXPECT_EQ(row_key(table, key), row("0a-run", "000000000001").key);
  }
}

TEST(ItemKeys, AreJoinedWhereTheTableHasOne) {
  auto const key = item_key(schema("id"), row("0a-run", "000000000001")).value();
  EXPECT_EQ(key.hash, "0a-run/000000000001");
  EXPECT_EQ(key.range, "");
}

TEST(ItemKeys, OfTheSampleTableHaveTheSourceStamp) {
  auto const table = schema("id", "messageProcessingTime");
  auto made = row("0a-run", "000000000001");
  made.values["srcStamp"] = "2026-11-22 01:02:03.000004";
  made.values["messageProcessingTime"] = "1.5";
  auto const key = item_key(table, made).value();
  EXPECT_EQ(key.hash, "0a-run/000000000001");
  EXPECT_EQ(key.range, "2026-11-22 01:02:03.000004");
  EXPECT_EQ(row_key(table, key), made.key);
}

TEST(ItemKeys, OfTheSampleTableAreTheSameEachTimeWithoutAStampToo) {
  auto const table = schema("id", "messageProcessingTime");
  EXPECT_EQ(item_key(table, row("p", "r")).value().range, "-");
}

TEST(ItemKeys, ComeBackWhateverTheyHold) {
  for (auto const& made :
       {row("a/b", "c"), row("a", "b/c"), row("a%2Fb", "%"), row("a%", "25"), row("/", "//")}) {
    auto const key = item_key(schema("id"), made).value();
    EXPECT_EQ(row_key(schema("id"), key), made.key) << key.hash;
  }
}

TEST(ItemKeys, DoNotMeetWhereTheSlashStandsElsewhere) {
  EXPECT_NE(joined_key(row("a/b", "c").key), joined_key(row("a", "b/c").key));
}

TEST(ItemKeys, OfRowsThatOthersWroteAreKept) {
  ItemKey foreign;
  foreign.hash = "0a1b2c3d-uuid";
  EXPECT_EQ(row_key(schema("id"), foreign).partition, "0a1b2c3d-uuid");
  EXPECT_EQ(row_key(schema("id"), foreign).row, "");
}

TEST(ItemKeys, AreRefusedWhereEmptyOrTooLong) {
  for (auto const& made :
       {row("", "r"), row("p", ""), row(std::string(2049, 'p'), "r"), row("p", std::string(1025, 'r'))}) {
    auto const key = item_key(schema("PartitionKey", "RowKey"), made);
    ASSERT_FALSE(key.has_value());
    EXPECT_EQ(key.error().code, base::Errc::invalid);
  }
}
