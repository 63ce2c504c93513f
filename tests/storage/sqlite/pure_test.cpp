#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "storage/sqlite/receipt.hpp"
#include "storage/sqlite/row.hpp"

namespace storage::sqlite {

TEST(SqliteReceipt, ReadsWhatItWrote) {
  Receipt receipt;
  receipt.visible_at = 1'700'000'000'000'000;
  receipt.seq = 12;
  receipt.token = 9'223'372'036'854'775'807;
  auto const read = Receipt::parse(receipt.text());
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->visible_at, receipt.visible_at);
  EXPECT_EQ(read->seq, receipt.seq);
  EXPECT_EQ(read->token, receipt.token);
}

TEST(SqliteReceipt, RefusesWhatIsNoReceipt) {
  for (auto const* text : {"", "-", "--", "1", "1-2", "1-2-", "-1-2", "1-2-0", "a-b-c", "1--2", "1-2--3",
                           "1-9223372036854775808-1", "1-2-3-4", " 1-2-3"})
    EXPECT_FALSE(Receipt::parse(text).has_value()) << text;
}

TEST(SqliteRow, KeepsNumbersAndTextApart) {
  Entity row;
  row.values["n"] = std::int64_t{-5};
  row.values["t"] = "-5";
  auto const json = encode_values(row);
  ASSERT_TRUE(json.has_value());
  EXPECT_EQ(*json, R"({"n":-5,"t":"-5"})");
  Entity read;
  ASSERT_TRUE(decode_values(*json, read));
  EXPECT_EQ(read.values, row.values);
}

TEST(SqliteRow, WritesTextAsRowsOfAnyAgeHaveIt) {
  Entity row;
  auto wanted = nlohmann::json::object();
  for (int c = 0; c < 128; ++c) {
    auto const text = std::string("before") + static_cast<char>(c) + "ü世\U0001F600 after";
    row.values[text] = text;
    wanted[text] = text;
    EXPECT_EQ(encode_text(text), nlohmann::json(text).dump());
  }
  auto const least = std::numeric_limits<std::int64_t>::min();
  row.values["least"] = least;
  wanted["least"] = least;
  row.values[""] = "";
  wanted[""] = "";
  EXPECT_EQ(encode_values(row), wanted.dump());
  EXPECT_EQ(encode_values(Entity()), "{}");
}

TEST(SqliteRow, RefusesTextThatIsNotUtf8) {
  Entity row;
  row.values["t"] = "\xFF";
  EXPECT_FALSE(encode_values(row).has_value());
}

TEST(SqliteRow, ReadsNoRowFromWhatIsNoObject) {
  Entity row;
  for (auto const* text : {"", "[]", "{", "1", "null"}) EXPECT_FALSE(decode_values(text, row)) << text;
}

TEST(SqliteRow, FindsItsPositionAgainWhateverTheKey) {
  for (auto const& [partition, name] : {std::pair("", ""), {"a:b", "c"}, {"12:", ":"}, {"ü", "世"}}) {
    Key key;
    key.partition = partition;
    key.row = name;
    EXPECT_EQ(decode_position(encode_position(key)), key);
  }
  for (auto const* text : {"", "x", "5:abc", "-1:", ":"})
    EXPECT_FALSE(decode_position(text).has_value()) << text;
}

}  // namespace storage::sqlite
