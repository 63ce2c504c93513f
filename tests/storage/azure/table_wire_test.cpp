#include "storage/azure/table_wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.hpp"

using namespace storage::azure;
using storage::Entity;
using storage::Errc;
using storage::Key;
using storage::Range;
using testing::HasSubstr;

namespace {

Entity entity(storage::Values values) {
  Entity row;
  row.key.partition = "p";
  row.key.row = "r";
  row.values = std::move(values);
  return row;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

Key key(std::string partition, std::string row) {
  Key made;
  made.partition = std::move(partition);
  made.row = std::move(row);
  return made;
}

std::string verdict(Entity const& row) {
  auto const encoded = encode_entity(row);
  return encoded ? "fine" : std::string(to_string(encoded.error().code));
}

}  // namespace

TEST(TableWire, WritesARowAsJsonWithTypes) {
  EXPECT_EQ(encode_entity(entity({{"a", "x\"\\\n"}, {"n", std::int64_t{-5}}})).value(),
            R"({"PartitionKey":"p","RowKey":"r","a":"x\"\\\u000a","n":"-5","n@odata.type":"Edm.Int64"})");
}

TEST(TableWire, WritesAsciiAlone) {
  auto const text = encode_entity(entity({{"a", "é世\xF0\x9F\x9A\x80"}})).value();
  EXPECT_THAT(text, HasSubstr(R"("a":"\u00e9\u4e16\ud83d\ude80")"));
}

TEST(TableWire, ReadsBackWhatItWrote) {
  auto const row = entity({{"text", "é世\xF0\x9F\x9A\x80 \x01 \x7F \" \\ / \u2028"},
                           {"empty", ""},
                           {"digits", "12"},
                           {"least", INT64_MIN},
                           {"most", INT64_MAX}});
  auto const back = decode_entity(encode_entity(row).value());
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->key, row.key);
  EXPECT_EQ(back->values, row.values);
}

TEST(TableWire, ReadsForeignTypesAsText) {
  auto const row = decode_entity(
      R"({"odata.metadata":"m","odata.etag":"e","PartitionKey":"p","RowKey":"r","Timestamp":"2014-08-22T00:50:32Z",)"
      R"("Rating@odata.type":"Edm.Double","Rating":5.25,"Whole@odata.type":"Edm.Double","Whole":5,"Flag":true,)"
      R"("Count":23,"When@odata.type":"Edm.DateTime","When":"2014-08-22T00:50:30Z","None":null,)"
      R"("Id@odata.type":"Edm.Guid","Id":"c9da6455-213d-42c9-9a79-3e9149a57833","Bad@odata.type":"Edm.Int64","Bad":"x"})");
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->values, (storage::Values{
                             {"Rating", "5.25"},
                             {"Whole", "5"},
                             {"Flag", "true"},
                             {"Count", std::int64_t{23}},
                             {"When", "2014-08-22T00:50:30Z"},
                             {"Id", "c9da6455-213d-42c9-9a79-3e9149a57833"},
                             {"Bad", "x"},
                         }));
}

TEST(TableWire, SplitsLongTextAndJoinsItAgain) {
  for (std::size_t const units :
       {0u, 1u, 31'998u, 31'999u, 32'000u, 32'001u, 63'999u, 64'000u, 64'001u, 200'000u}) {
    std::string const text(units, 'x');
    auto const pieces = split_text(text);
    std::string joined;
    for (auto const& piece : pieces) {
      EXPECT_LE(base::utf16_length(piece), 32'768u);
      joined += piece;
    }
    EXPECT_EQ(joined, text);
    auto const row = entity({{"a", text}, {"b", "other"}});
    EXPECT_EQ(decode_entity(encode_entity(row).value())->values, row.values) << units;
  }
}

TEST(TableWire, TearsNoSurrogatePair) {
  auto const text = 'x' + repeated("\xF0\x9F\x9A\x80", 40'000);
  auto const pieces = split_text(text);
  ASSERT_EQ(pieces.size(), 3u);
  for (auto const& piece : pieces) EXPECT_TRUE(base::is_utf8(piece));
  EXPECT_EQ(base::utf16_length(pieces[0]), text_piece - 1);
  auto const row = entity({{"a", text}});
  EXPECT_EQ(decode_entity(encode_entity(row).value())->values, row.values);
}

TEST(TableWire, LeavesShortNeighboursWithNumberedNamesAlone) {
  auto const row = entity({{"a", "x"}, {"a_2", "y"}, {"a_3", "z"}});
  EXPECT_EQ(decode_entity(encode_entity(row).value())->values, row.values);
}

TEST(TableWire, RefusesLongTextThatNeedsANameInUse) {
  EXPECT_EQ(verdict(entity({{"a", std::string(40'000, 'x')}, {"a_2", "y"}})), "invalid");
}

TEST(TableWire, RefusesKeysThatTheServiceForbids) {
  for (std::string const bad : {"a/b", "a\\b", "a#b", "a?b", "a\tb", "a\x7F", "a\xC2\x85", "\xFF"}) {
    auto row = entity({});
    row.key.partition = bad;
    EXPECT_EQ(verdict(row), "invalid") << bad;
    row = entity({});
    row.key.row = bad;
    EXPECT_EQ(verdict(row), "invalid") << bad;
  }
  auto row = entity({});
  row.key.row = std::string(1'024, 'k');
  EXPECT_EQ(verdict(row), "fine");
  row.key.row += 'k';
  EXPECT_EQ(verdict(row), "invalid");
  row.key.row = "it's 100% \"ü\" & ~ \xC2\xA0";
  EXPECT_EQ(verdict(row), "fine");
}

TEST(TableWire, RefusesNamesAndTextThatTheServiceForbids) {
  for (auto const* name : {"", "1a", "a b", "a-b", "odata.x", "a@b", "PartitionKey", "RowKey", "Timestamp"})
    EXPECT_EQ(verdict(entity({{name, "x"}})), "invalid") << name;
  EXPECT_EQ(verdict(entity({{"a", "\xC3"}})), "invalid");
}

TEST(TableWire, RefusesARowOverTheLimits) {
  EXPECT_EQ(verdict(entity({{"a", std::string(520'000, 'x')}})), "fine");
  EXPECT_EQ(verdict(entity({{"a", std::string(525'000, 'x')}})), "too_large") << "text counts as UTF-16";
  Entity wide = entity({});
  for (int i = 0; i < 252; ++i) wide.values["n" + std::to_string(i)] = std::int64_t{i};
  EXPECT_EQ(verdict(wide), "fine");
  wide.values["more"] = "x";
  EXPECT_EQ(verdict(wide), "too_large");
}

TEST(TableWire, WritesKeysIntoTheUrl) {
  EXPECT_EQ(entity_target("/acc/t", key("it's", "a b/100%")),
            "/acc/t(PartitionKey='it%27%27s',RowKey='a%20b%2F100%25')");
}

TEST(TableWire, WritesScans) {
  Range range;
  EXPECT_EQ(scan_target("/t", range).value(), "/t()?$top=1000");
  range.at_most = 5'000;
  range.where.emplace("run", "it's");
  EXPECT_EQ(scan_target("/t", range).value(), "/t()?$top=1000&$filter=run%20eq%20%27it%27%27s%27");
  range.where->second = "12";
  EXPECT_EQ(scan_target("/t", range).value(),
            "/t()?$top=1000&$filter=run%20eq%20%2712%27%20or%20run%20eq%2012L");
  range.where->second = std::string(40'000, 'x');
  EXPECT_EQ(scan_target("/t", range).value(), "/t()?$top=1000") << "split text is compared here";
  range.where->first = "a b";
  EXPECT_EQ(scan_target("/t", range).error().code, Errc::invalid);
}

TEST(TableWire, CarriesAContinuationAsOneText) {
  Continuation next;
  next.partition = "1!8!a&b=";
  next.row = "1!4!%";
  Range range;
  range.at_most = 7;
  range.from = encode_continuation(next);
  EXPECT_EQ(scan_target("/t", range).value(),
            "/t()?$top=7&NextPartitionKey=1%218%21a%26b%3D&NextRowKey=1%214%21%25");
  for (auto const* bad : {"x", "&x", "%zz&x", "a&%"}) {
    range.from = bad;
    EXPECT_FALSE(scan_target("/t", range).has_value()) << bad;
  }
}

TEST(TableWire, ReadsPages) {
  auto const rows = decode_entities(
      R"({"odata.metadata":"m","value":[{"PartitionKey":"p","RowKey":"1"},{"PartitionKey":"p","RowKey":"2","a":"b"}]})");
  ASSERT_TRUE(rows.has_value());
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ(rows->back().text("a"), "b");
  for (auto const* bad : {"", "[]", "{}", R"({"value":7})", R"({"value":[7]})",
                          R"({"value":[{"RowKey":"1"}]})", R"({"value":[)", "<html/>"})
    EXPECT_FALSE(decode_entities(bad).has_value()) << bad;
}
