#pragma once

#include "storage/aws/examiner.hpp"

namespace storage::aws {

// Tries what the programs do with an SQS queue, unseen by its other users. Deleting and extending go by batch
// with a receipt that is none: a reply that judges the entry (ReceiptHandleIsInvalid) shows that the request
// as a whole was allowed, since permissions are checked for requests, not entries. Sending likewise, with an
// entry that no queue takes.
// docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html
class QueueExamination final : public Examination {
 public:
  QueueExamination(Service service, Actor actor, base::Clock& clock, base::Random& random, QueueUse use);
  boost::asio::awaitable<Examined> run() override;

 private:
  boost::asio::awaitable<bool> find_queue();
  boost::asio::awaitable<bool> read_attributes(bool first);
  boost::asio::awaitable<void> try_entry(std::string_view step, std::string_view action, std::string body);
  boost::asio::awaitable<void> try_send();
  boost::asio::awaitable<void> send_probe();
  boost::asio::awaitable<void> try_receive();
  std::string send_body(std::string_view text, std::chrono::seconds delay) const;

  Service service_;
  base::Random& random_;
  QueueUse use_;
  Examiner examiner_;
  std::string url_;
};

}  // namespace storage::aws
