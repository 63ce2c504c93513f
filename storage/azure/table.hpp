#pragma once

#include <memory>

#include "storage/azure/batch_wire.hpp"
#include "storage/azure/channel.hpp"
#include "storage/core/table.hpp"

namespace storage::azure {

// A table of Azure Table storage. Rows of one partition go as entity group transactions.
// https://learn.microsoft.com/rest/api/storageservices/table-service-rest-api
class AzureTable final : public Table {
 public:
  explicit AzureTable(std::unique_ptr<Channel> channel) : channel_(std::move(channel)) {}

  Task<> open(bool create) override;
  TableLimits limits() const override;
  Task<std::vector<Rejected>> upsert(std::span<Entity const> rows) override;
  Task<std::optional<Entity>> get(Key key) override;
  Task<Page> scan(Range range) override;

 private:
  using Outcome = std::optional<Error>;
  // A row on its way: its place in the caller's span and its wire form.
  struct Pending {
    std::size_t index = 0;
    std::string target;
    std::string json;
  };
  using Group = std::vector<Pending>;

  Task<> create_table();
  asio::awaitable<void> put_group(Group group, std::vector<Outcome>& outcomes);
  asio::awaitable<void> put_one(Pending& row, std::vector<Outcome>& outcomes);
  // What became of a batch: nothing for success; a failure with the row it speaks of, where it tells.
  struct Failure {
    std::optional<std::size_t> row;
    Error error;
  };
  asio::awaitable<std::optional<Failure>> put_batch(Group const& group);
  std::optional<Failure> failure_in(http::Response const& reply, std::size_t rows) const;

  std::unique_ptr<Channel> channel_;
};

}  // namespace storage::azure
