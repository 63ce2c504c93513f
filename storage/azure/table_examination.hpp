#pragma once

#include <memory>

#include "storage/azure/examiner.hpp"
#include "storage/core/table.hpp"

namespace storage::azure {

// Tries what the programs do with a table of Azure Table storage. Writing is tried by replacing a row that
// does not exist, on condition that it does; with a probe, by a row of its own, which is deleted again.
// https://learn.microsoft.com/rest/api/storageservices/update-entity2
class TableExamination final : public Examination {
 public:
  TableExamination(std::unique_ptr<Channel> channel, TableUse use);
  asio::awaitable<Examined> run() override;

 private:
  asio::awaitable<bool> find_table();
  asio::awaitable<void> try_write();
  asio::awaitable<void> write_probe();
  Entity probe() const;

  std::unique_ptr<Channel> channel_;
  TableUse use_;
  Examiner examiner_;
};

}  // namespace storage::azure
