#pragma once

#include <optional>
#include <vector>

#include "storage/aws/dynamodb_wire.hpp"
#include "storage/aws/service.hpp"
#include "storage/aws/shared.hpp"

namespace storage::aws {

// A table of Amazon DynamoDB. Its own key schema is read when it is opened; one that we make has PartitionKey
// and RowKey.
class DynamoTable final : public Table {
 public:
  DynamoTable(Service service, Shared const& shared);

  Task<> open(bool create) override;
  TableLimits limits() const override;
  Task<std::vector<Rejected>> upsert(std::span<Entity const> rows) override;
  Task<std::optional<Entity>> get(Key key) override;
  Task<Page> scan(Range range) override;

 private:
  struct Item;
  struct Upsert;

  Task<dynamodb::Description> describe();
  Task<> create_table();
  Task<> wait_until_active(dynamodb::Description description);
  Result<> take_schema(dynamodb::Description const& description);
  std::optional<Error> unfit(Entity const& row, ItemKey const& key) const;
  boost::asio::awaitable<void> write(std::vector<std::size_t> batch, Upsert& state);
  boost::asio::awaitable<void> write_singly(std::vector<std::size_t> batch, Upsert& state);

  Service service_;
  Shared const& shared_;
  Schema schema_;
};

}  // namespace storage::aws
