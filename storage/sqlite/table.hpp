#pragma once

#include <string>

#include "storage/core/context.hpp"
#include "storage/core/table.hpp"
#include "storage/sqlite/database.hpp"

namespace storage::sqlite {

// Rows in an SQLite file, their values as one JSON object each, so that `sqlite3 FILE` can query them.
class Table final : public storage::Table {
 public:
  Table(std::shared_ptr<Jobs> jobs, std::string name) : jobs_(std::move(jobs)), name_(std::move(name)) {}

  Task<> open(bool create) override;
  TableLimits limits() const override;
  Task<std::vector<Rejected>> upsert(std::span<Entity const> rows) override;
  Task<std::optional<Entity>> get(Key key) override;
  Task<Page> scan(Range range) override;

 private:
  std::shared_ptr<Jobs> jobs_;
  std::string name_;
  std::int64_t id_ = 0;
};

}  // namespace storage::sqlite
