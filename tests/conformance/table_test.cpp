#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <optional>

#include "conformance/backend.hpp"
#include "fakes/run.hpp"

using storage::Entity;
using storage::Errc;
using storage::Key;
using storage::Page;
using storage::Range;
using storage::Rejected;
using testing::IsEmpty;
using testing::SizeIs;

namespace storage {
void PrintTo(Entity const& row, std::ostream* out) {
  *out << row.key.partition << '/' << row.key.row << " {";
  for (auto const& [name, value] : row.values) *out << ' ' << name << '=' << row.text(name)->substr(0, 40);
  *out << " }";
}
bool operator==(Entity const& a, Entity const& b) { return a.key == b.key && a.values == b.values; }
}  // namespace storage

namespace {

Entity entity(std::string partition, std::string row, storage::Values values) {
  Entity made;
  made.key.partition = std::move(partition);
  made.key.row = std::move(row);
  made.values = std::move(values);
  return made;
}

std::string padded(int number) {
  auto const digits = std::to_string(number);
  return std::string(12 - digits.size(), '0') + digits;
}

// Text of every kind of character.
std::string varied(std::size_t characters) {
  std::string const parts[] = {"a", "ü", "世", "\"", "\\", "<", "\n", "\xF0\x9F\x9A\x80", " ", "'"};
  std::string text;
  for (std::size_t i = 0; i < characters; ++i) text += parts[i % std::size(parts)];
  return text;
}

class Tables : public testing::TestWithParam<conformance::Case> {
 protected:
  void SetUp() override {
    try {
      backend_ = GetParam().make(loop_);
    } catch (std::exception const& lacking) {
      FAIL() << lacking.what();
    }
    table_ = backend_->table(name_);
    auto const made = fakes::run(loop_, table_->open(true));
    ASSERT_TRUE(made.has_value()) << describe(made.error());
  }

  std::vector<Rejected> upsert(std::vector<Entity> const& rows) {
    auto reply = fakes::run(loop_, table_->upsert(rows));
    if (reply) return std::move(*reply);
    ADD_FAILURE() << describe(reply.error());
    return {};
  }
  void put(Entity const& row) {
    for (auto const& rejected : upsert({row})) ADD_FAILURE() << describe(rejected.error);
  }
  std::optional<Entity> get(std::string partition, std::string row) {
    Key key;
    key.partition = std::move(partition);
    key.row = std::move(row);
    auto reply = fakes::run(loop_, table_->get(key));
    if (reply) return std::move(*reply);
    ADD_FAILURE() << describe(reply.error());
    return std::nullopt;
  }
  Page scan(Range const& range) {
    auto reply = fakes::run(loop_, table_->scan(range));
    if (reply) return std::move(*reply);
    ADD_FAILURE() << describe(reply.error());
    return {};
  }
  // All pages of a scan, by key. A key that comes twice is a failure.
  std::map<Key, Entity> scan_all(Range range, int* pages = nullptr) {
    std::map<Key, Entity> all;
    for (int page = 0; page < 10'000; ++page) {
      auto found = scan(range);
      if (pages) ++*pages;
      for (auto& row : found.rows) {
        auto const key = row.key;
        EXPECT_TRUE(all.emplace(key, std::move(row)).second) << "twice: " << key.partition << '/' << key.row;
      }
      if (found.next.empty()) return all;
      range.from = found.next;
    }
    ADD_FAILURE() << "the scan does not end";
    return all;
  }

  boost::asio::io_context loop_;
  std::string name_ = conformance::fresh_name();
  std::unique_ptr<conformance::Backend> backend_;
  std::unique_ptr<storage::Table> table_;
};

}  // namespace

TEST_P(Tables, GiveBackTheRowThatWasPut) {
  auto const row = entity("0a-run", padded(1),
                          {{"data", "Scale Test Message : COUNT 1"},
                           {"srcStamp", "2024-01-01 00:00:00.000001"},
                           {"seq", std::int64_t{1}},
                           {"big", std::numeric_limits<std::int64_t>::max()},
                           {"small", std::numeric_limits<std::int64_t>::min()},
                           {"zero", std::int64_t{0}},
                           {"digits", "12"}});
  put(row);
  EXPECT_THAT(get("0a-run", padded(1)), testing::Optional(row));
}

TEST_P(Tables, GiveNothingForARowThatIsAbsent) {
  put(entity("p", "r", {{"a", "1"}}));
  EXPECT_FALSE(get("p", "s").has_value());
  EXPECT_FALSE(get("q", "r").has_value());
}

TEST_P(Tables, ReplaceTheWholeRow) {
  put(entity("p", "r", {{"kept", "old"}, {"dropped", "old"}, {"number", std::int64_t{7}}}));
  auto const row = entity("p", "r", {{"kept", "new"}, {"number", "now text"}});
  put(row);
  EXPECT_THAT(get("p", "r"), testing::Optional(row));
}

TEST_P(Tables, TakeAnEmptyBatch) { EXPECT_THAT(upsert({}), IsEmpty()); }

TEST_P(Tables, TakeRowsOfManyPartitionsInOneCall) {
  std::vector<Entity> rows;
  for (int i = 0; i < 60; ++i)
    rows.push_back(entity("p" + std::to_string(i % 7), padded(i), {{"seq", std::int64_t{i}}}));
  EXPECT_THAT(upsert(rows), IsEmpty());
  for (auto const& row : rows) EXPECT_THAT(get(row.key.partition, row.key.row), testing::Optional(row));
}

TEST_P(Tables, TakeMoreRowsOfOnePartitionInOneCallThanOneRequestHolds) {
  std::vector<Entity> rows;
  for (int i = 0; i < 230; ++i) rows.push_back(entity("p", padded(i), {{"seq", std::int64_t{i}}}));
  EXPECT_THAT(upsert(rows), IsEmpty());
  auto const all = scan_all({});
  ASSERT_THAT(all, SizeIs(rows.size()));
  for (auto const& row : rows) EXPECT_EQ(all.at(row.key), row);
}

TEST_P(Tables, TakeMoreBytesInOneCallThanOneRequestHolds) {
  std::vector<Entity> rows;
  for (int i = 0; i < 120; ++i)
    rows.push_back(
        entity("p", padded(i), {{"payload", std::string(30'000, 'x')}, {"more", std::string(30'000, 'y')}}));
  EXPECT_THAT(upsert(rows), IsEmpty());
  EXPECT_THAT(scan_all({}), SizeIs(rows.size()));
}

TEST_P(Tables, LetTheLastOfTwoRowsWithOneKeyWin) {
  std::vector<Entity> rows;
  for (int i = 0; i < 5; ++i) {
    rows.push_back(entity("p", "twice", {{"n", std::int64_t{i}}}));
    rows.push_back(entity("p", padded(i), {{"n", std::int64_t{i}}}));
  }
  EXPECT_THAT(upsert(rows), IsEmpty());
  auto const last = entity("p", "twice", {{"n", std::int64_t{4}}});
  EXPECT_THAT(get("p", "twice"), testing::Optional(last));
  EXPECT_THAT(scan_all({}), SizeIs(6));
}

TEST_P(Tables, CarryTextByteForByte) {
  auto const row = entity("p", "r",
                          {{"quotes", "\" ' ` \\ / {\"a\":[1,2]}"},
                           {"markup", "<a>&amp;</a> ]]>"},
                           {"lines", "a\nb\r\nc\rd\te"},
                           {"unicode", "Grüße, Κόσμε, 世界, \xF0\x9F\x9A\x80"},
                           {"spaces", "  both ends  "},
                           {"empty", ""}});
  put(row);
  EXPECT_THAT(get("p", "r"), testing::Optional(row));
}

TEST_P(Tables, CarryLongText) {
  auto const row = entity("p", "r", {{"plain", std::string(60'000, 'x')}, {"varied", varied(60'000)}});
  put(row);
  EXPECT_THAT(get("p", "r"), testing::Optional(row));
  EXPECT_EQ(scan_all({}).at(row.key), row);
}

TEST_P(Tables, CarryKeysWithUnusualCharacters) {
  auto const row = entity("it's 100% \"ü\" & more", "a+b=c; d,e.f_g~h:(i) 世", {{"a", "1"}});
  put(row);
  EXPECT_THAT(get(row.key.partition, row.key.row), testing::Optional(row));
  EXPECT_EQ(scan_all({}).count(row.key), 1u);
}

TEST_P(Tables, RefuseOnlyTheRowThatIsTooLarge) {
  auto const limit = table_->limits().row;
  ASSERT_GT(limit, 0u);
  auto huge = entity("p", padded(1), {});
  for (std::size_t bytes = 0; bytes <= limit; bytes += 20'000)
    huge.values["part" + std::to_string(bytes)] = std::string(20'000, 'x');
  std::vector<Entity> const rows = {entity("p", padded(0), {{"n", std::int64_t{0}}}), huge,
                                    entity("p", padded(2), {{"n", std::int64_t{2}}}),
                                    entity("q", padded(3), {{"n", std::int64_t{3}}})};
  auto const rejected = upsert(rows);
  ASSERT_THAT(rejected, SizeIs(1));
  EXPECT_EQ(rejected[0].index, 1u);
  EXPECT_EQ(rejected[0].error.code, Errc::too_large) << describe(rejected[0].error);
  EXPECT_TRUE(get("p", padded(0)).has_value());
  EXPECT_FALSE(get("p", padded(1)).has_value());
  EXPECT_TRUE(get("p", padded(2)).has_value());
  EXPECT_TRUE(get("q", padded(3)).has_value());
}

TEST_P(Tables, ScanEveryRowInSmallPages) {
  std::vector<Entity> rows;
  for (int i = 0; i < 95; ++i)
    rows.push_back(entity("p" + std::to_string(i % 4), padded(i), {{"seq", std::int64_t{i}}}));
  EXPECT_THAT(upsert(rows), IsEmpty());
  int pages = 0;
  Range range;
  range.at_most = 10;
  auto const all = scan_all(range, &pages);
  ASSERT_THAT(all, SizeIs(rows.size()));
  for (auto const& row : rows) EXPECT_EQ(all.at(row.key), row);
  EXPECT_GE(pages, 9) << "at_most was not heeded";
}

TEST_P(Tables, ScanNothingInAnEmptyTable) {
  auto const page = scan({});
  EXPECT_THAT(page.rows, IsEmpty());
  EXPECT_THAT(scan_all({}), IsEmpty());
}

TEST_P(Tables, ScanOnlyTheRowsAskedFor) {
  std::vector<Entity> rows;
  std::string const runs[] = {"run-a", "run-b", "it's \"c\" & 100% ü"};
  for (int i = 0; i < 60; ++i)
    rows.push_back(
        entity("p" + std::to_string(i % 4), padded(i), {{"run", runs[i % 3]}, {"seq", std::int64_t{i}}}));
  rows.push_back(entity("p0", "number", {{"run", std::int64_t{5}}}));
  rows.push_back(entity("p0", "without", {{"other", "run-a"}}));
  EXPECT_THAT(upsert(rows), IsEmpty());
  for (auto const& run : runs) {
    Range range;
    range.where.emplace("run", run);
    range.at_most = 7;
    auto const found = scan_all(range);
    EXPECT_THAT(found, SizeIs(20)) << run;
    for (auto const& [key, row] : found) EXPECT_EQ(row.text("run"), run);
  }
  Range none;
  none.where.emplace("run", "run-z");
  EXPECT_THAT(scan_all(none), IsEmpty());
}

TEST_P(Tables, TellTheirLimits) {
  auto const limits = table_->limits();
  EXPECT_GE(limits.batch, 1);
  EXPECT_GE(limits.row, 300'000u);
  EXPECT_THAT(limits.stamp_name, testing::AnyOf("dateStamp", "destStamp"));
}

TEST_P(Tables, MayBeCreatedTwice) {
  put(entity("p", "r", {{"a", "1"}}));
  auto const again = backend_->table(name_);
  auto const made = fakes::run(loop_, again->open(true));
  EXPECT_TRUE(made.has_value()) << describe(made.error());
  EXPECT_TRUE(get("p", "r").has_value());
}

TEST_P(Tables, SayThatCreateMakesAnAbsentOne) {
  auto const absent = backend_->table(conformance::fresh_name());
  auto const open = fakes::run(loop_, absent->open(false));
  if (backend_->traits().always_creates) {
    EXPECT_TRUE(open.has_value());
    return;
  }
  std::optional<storage::Error> error;
  if (!open) {
    error = open.error();
  } else {
    std::vector<Entity> const rows = {entity("p", "r", {{"a", "1"}})};
    auto const used = fakes::run(loop_, absent->upsert(rows));
    if (!used)
      error = used.error();
    else if (used->size() == 1)
      error = used->front().error;
    ASSERT_TRUE(error.has_value()) << "an absent table took a row";
  }
  EXPECT_EQ(error->code, Errc::absent) << describe(*error);
  EXPECT_THAT(error->message, testing::HasSubstr("--create"));
}

INSTANTIATE_TEST_SUITE_P(Conformance, Tables, testing::ValuesIn(conformance::cases()), conformance::name_of);
