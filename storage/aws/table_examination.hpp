#pragma once

#include "storage/aws/dynamodb_wire.hpp"
#include "storage/aws/examiner.hpp"

namespace storage::aws {

// Tries what the programs do with a DynamoDB table. Writing is tried by the action that they use,
// BatchWriteItem, with the deletion of an item that does not exist; with a probe, an item is written and
// deleted.
class TableExamination final : public Examination {
 public:
  TableExamination(Service service, Actor actor, base::Clock& clock, base::Random& random, TableUse use);
  boost::asio::awaitable<Examined> run() override;

 private:
  boost::asio::awaitable<bool> find_table();
  boost::asio::awaitable<void> try_read();
  boost::asio::awaitable<void> try_write();

  Service service_;
  base::Clock& clock_;
  base::Random& random_;
  TableUse use_;
  Examiner examiner_;
  Schema schema_;
};

}  // namespace storage::aws
