#pragma once

#include "storage/aws/service.hpp"
#include "storage/aws/shared.hpp"
#include "storage/aws/sqs_wire.hpp"
#include "storage/core/queue.hpp"

namespace storage::aws {

// A queue of Amazon SQS, standard or FIFO (by its name), over its JSON protocol.
//
// A long poll takes no more than half of the lease, since a lease is counted from before the request.
class SqsQueue final : public Queue {
 public:
  SqsQueue(Service service, Shared const& shared);

  Task<> open(bool create) override;
  QueueLimits limits() const override;
  Task<std::vector<Rejected>> send(std::span<Outgoing const> messages) override;
  Task<std::vector<Message>> receive(Receive options) override;
  Task<std::vector<Rejected>> extend(std::span<Message> messages, std::chrono::seconds lease) override;
  Task<std::vector<Rejected>> release(std::span<Message> messages, std::chrono::seconds delay) override;
  Task<std::vector<Rejected>> remove(std::span<Message const> messages) override;
  Task<Depth> depth() override;
  std::string dead_letters() const override { return sqs::dead_letters_of(redrive_policy_); }

 private:
  Task<> find_url(bool create);
  Task<> create_queue();
  Task<> read_attributes(bool create);
  std::size_t request_bytes() const;
  std::optional<Error> unfit(Outgoing const& message) const;
  Task<std::vector<Rejected>> change_visibility(std::span<Message> messages, std::chrono::seconds timeout);

  Service service_;
  Shared const& shared_;
  bool fifo_;
  std::string url_;
  std::size_t largest_;  // bytes of one body
  std::optional<std::chrono::seconds> retention_;
  std::string redrive_policy_;  // the queue's own; rules over --max-receives
};

}  // namespace storage::aws
