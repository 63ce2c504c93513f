#include "storage/sqlite/table.hpp"

#include <algorithm>

#include "storage/sqlite/row.hpp"

namespace storage::sqlite {

namespace {

constexpr std::size_t largest_row = std::size_t{1024} * 1024;  // bytes of JSON; as Azure has it
constexpr std::size_t slice = 1000;                            // rows of one transaction

Error damaged_row(Key const& key) {
  return {Errc::invalid,
          "the row " + key.partition + '/' + key.row + " holds no JSON object: another program wrote it"};
}

// A row ready for the file, or why it can't be.
struct Prepared {
  Entity const* row = nullptr;
  std::string json;
};

std::optional<Error> prepare(Entity const& row, Prepared& prepared) {
  auto json = encode_values(row);
  if (!json) return Error(Errc::invalid, "a value of the row is not UTF-8 text");
  auto const size = json->size() + row.key.partition.size() + row.key.row.size();
  if (size > largest_row)
    return Error(Errc::too_large, "the row has " + std::to_string(size) +
                                      " bytes, and sqlite takes at most " + std::to_string(largest_row));
  prepared.row = &row;
  prepared.json = std::move(*json);
  return std::nullopt;
}

}  // namespace

Task<> Table::open(bool) {
  std::function<std::int64_t(Connection&)> const work = [this](Connection& connection) {
    connection.prepare("INSERT INTO tables (name) VALUES (?) ON CONFLICT DO NOTHING").bind(name_).run();
    auto found = connection.prepare("SELECT id FROM tables WHERE name = ?");
    found.bind(name_).step();
    return found.integer(0);
  };
  auto const id = co_await jobs_->run(Access::write, work);
  if (!id) co_return id.error();
  id_ = *id;
  co_return boost::system::in_place_value;
}

TableLimits Table::limits() const {
  TableLimits limits;
  limits.batch = 100;
  limits.row = largest_row;
  limits.stamp_name = "dateStamp";
  return limits;
}

Task<std::vector<Rejected>> Table::upsert(std::span<Entity const> rows) {
  std::vector<Rejected> rejected;
  for (std::size_t from = 0; from < rows.size(); from += slice) {
    auto const end = std::min(rows.size(), from + slice);
    std::vector<Prepared> ready;
    for (auto i = from; i < end; ++i) {
      Prepared prepared;
      if (auto error = prepare(rows[i], prepared))
        rejected.push_back({i, std::move(*error)});
      else
        ready.push_back(std::move(prepared));
    }
    std::function<bool(Connection&)> const work = [&ready, table = id_](Connection& connection) {
      auto statement = connection.prepare(
          "INSERT INTO rows (tbl, partition, row, data) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET data = "
          "excluded.data");
      for (auto const& [row, json] : ready) {
        statement.again();
        statement.bind(table).bind(row->key.partition).bind(row->key.row).bind(json).run();
      }
      return true;
    };
    auto const stored = co_await jobs_->run(Access::write, work);
    if (!stored && from == 0) co_return stored.error();
    if (!stored) {  // some are written, so the call as a whole has not failed
      std::erase_if(rejected, [from](auto const& item) { return item.index >= from; });
      for (auto i = from; i < rows.size(); ++i) rejected.push_back({i, stored.error()});
      co_return rejected;
    }
  }
  co_return rejected;
}

Task<std::optional<Entity>> Table::get(Key key) {
  std::function<std::optional<Entity>(Connection&)> const work = [&key, table = id_](Connection& connection) {
    auto found = connection.prepare("SELECT data FROM rows WHERE tbl = ? AND partition = ? AND row = ?");
    std::optional<Entity> row;
    if (!found.bind(table).bind(key.partition).bind(key.row).step()) return row;
    row.emplace().key = key;
    if (!decode_values(found.text(0), *row)) throw Failure(damaged_row(key));
    return row;
  };
  co_return co_await jobs_->run(Access::read, work);
}

Task<Page> Table::scan(Range range) {
  std::optional<Key> after;
  if (!range.from.empty()) {
    after = decode_position(range.from);
    if (!after) co_return Error(Errc::invalid, "the scan can't go on from \"" + range.from + "\"");
  }
  auto const limit = std::max(1, range.at_most);
  // Spares most rows that are not meant from being parsed.
  auto const wanted = range.where ? encode_text(range.where->second) : std::string();
  std::function<Page(Connection&)> const work = [&, table = id_](Connection& connection) {
    auto statement = connection.prepare(
        after ? "SELECT partition, row, data FROM rows WHERE tbl = ? AND (partition, row) > (?, ?) ORDER BY "
                "partition, row LIMIT ?"
              : "SELECT partition, row, data FROM rows WHERE tbl = ? ORDER BY partition, row LIMIT ?");
    statement.bind(table);
    if (after) statement.bind(after->partition).bind(after->row);
    statement.bind(limit);
    Page page;
    Key last;
    int seen = 0;
    while (statement.step()) {
      ++seen;
      last.partition = statement.text(0);
      last.row = statement.text(1);
      auto const json = statement.text(2);
      if (json.find(wanted) == std::string::npos) continue;
      Entity row;
      row.key = last;
      if (!decode_values(json, row)) throw Failure(damaged_row(last));
      if (range.where) {
        auto const found = row.values.find(range.where->first);
        if (found == row.values.end() || found->second != Value(range.where->second)) continue;
      }
      page.rows.push_back(std::move(row));
    }
    if (seen == limit) page.next = encode_position(last);
    return page;
  };
  co_return co_await jobs_->run(Access::read, work);
}

}  // namespace storage::sqlite
