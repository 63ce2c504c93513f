#pragma once

#include <memory>

#include "storage/azure/examiner.hpp"

namespace storage::azure {

// Tries what the programs do with a queue of Azure Queue storage, unseen by its other users: messages that do
// not exist are deleted and extended, a look at the queue takes nothing, and a message that is put is
// invisible and deleted by its own receipt.
// https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory
class QueueExamination final : public Examination {
 public:
  QueueExamination(std::unique_ptr<Channel> channel, QueueUse use);
  asio::awaitable<Examined> run() override;

 private:
  enum class Leave { given, refused, unclear };

  asio::awaitable<bool> find_queue();
  // Whether messages may be deleted, tried on one that does not exist.
  asio::awaitable<Leave> try_delete();
  asio::awaitable<void> try_receive(Leave deletion);
  asio::awaitable<void> try_extend();
  asio::awaitable<void> try_send(Leave deletion);
  asio::awaitable<void> try_malformed();
  asio::awaitable<void> put_probe(bool take_back);
  asio::awaitable<void> take_one();
  Message nothing() const;

  std::unique_ptr<Channel> channel_;
  QueueUse use_;
  Examiner examiner_;
};

}  // namespace storage::azure
