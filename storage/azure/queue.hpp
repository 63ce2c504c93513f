#pragma once

#include <memory>

#include "storage/azure/channel.hpp"
#include "storage/core/queue.hpp"

namespace storage::azure {

// A queue of Azure Queue storage. It has no batches but of received messages, so the items of a call go side
// by side. https://learn.microsoft.com/rest/api/storageservices/queue-service-rest-api
class AzureQueue final : public Queue {
 public:
  explicit AzureQueue(std::unique_ptr<Channel> channel) : channel_(std::move(channel)) {}

  Task<> open(bool create) override;
  QueueLimits limits() const override;
  Task<std::vector<Rejected>> send(std::span<Outgoing const> messages) override;
  Task<std::vector<Message>> receive(Receive options) override;
  Task<std::vector<Rejected>> extend(std::span<Message> messages, std::chrono::seconds lease) override;
  Task<std::vector<Rejected>> release(std::span<Message> messages, std::chrono::seconds delay) override;
  Task<std::vector<Rejected>> remove(std::span<Message const> messages) override;
  Task<Depth> depth() override;

 private:
  using Outcome = std::optional<Error>;
  asio::awaitable<void> put(Outgoing const& message, Outcome& outcome);
  asio::awaitable<void> update(Message& message, std::chrono::seconds visibility, Outcome& outcome);
  asio::awaitable<void> drop(Message const& message, Outcome& outcome);
  Task<std::vector<Rejected>> update_all(std::span<Message> messages, std::chrono::seconds visibility);

  std::unique_ptr<Channel> channel_;
};

}  // namespace storage::azure
