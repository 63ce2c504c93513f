#pragma once

#include <list>
#include <map>
#include <set>
#include <string>

#include "simulation/mailbox.hpp"
#include "simulation/network.hpp"
#include "simulation/tokens.hpp"

namespace simulation {

// Amazon SQS by its JSON protocol, standard and FIFO.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
class SqsService final : public Service {
 public:
  SqsService(Network& network, Tokens& tokens) : network_(network), tokens_(tokens) {}
  void add(std::string name, Mailbox& mailbox);
  // How often a standard queue delivers what is leased already, and keeps what was deleted.
  void set_duplicates(double odds, Nanos until) {
    duplicates_ = odds;
    duplicates_until_ = until;
  }

  std::optional<Reply> handle(ExchangePtr const& exchange) override;
  http::Response failure(Fault fault) override;
  http::Response refusal() override;

 private:
  struct Place {
    Mailbox* mailbox = nullptr;
    bool fifo = false;
    bool made = false;
    std::map<std::string, std::pair<std::string, Nanos>> deduplicated;  // id of what was taken, and when
  };
  struct Poll {
    ExchangePtr exchange;
    Place* place;
    std::size_t at_most;
    Nanos lease;
    Nanos until;
  };
  Reply send(Place& place, ExchangePtr const& exchange);
  std::optional<Reply> receive(Place& place, ExchangePtr const& exchange);
  Reply change(Place& place, ExchangePtr const& exchange, bool remove);
  std::optional<Reply> try_receive(Poll const& poll);
  // Answers the polls that wait, where something has become visible or their time is over.
  void serve_polls();
  void serve_at(Nanos when);
  bool duplicates() const { return duplicates_ > 0 && network_.world().now() < duplicates_until_; }

  Network& network_;
  Tokens& tokens_;
  std::map<std::string, Place, std::less<>> places_;
  std::list<Poll> polls_;
  std::set<Nanos> serving_;
  double duplicates_ = 0;
  Nanos duplicates_until_{0};
};

// DynamoDB: BatchWriteItem with UnprocessedItems, and what a start needs.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
class DynamoService final : public Service {
 public:
  // `sample`: the table has the reference sample's key schema.
  DynamoService(Network& network, Tokens& tokens, Truth& truth, bool sample)
      : network_(network), tokens_(tokens), truth_(truth), sample_(sample), made_(sample) {}

  std::optional<Reply> handle(ExchangePtr const& exchange) override;
  http::Response failure(Fault fault) override;
  http::Response refusal() override;

 private:
  http::Response write(ExchangePtr const& exchange);
  http::Response description(std::string_view under) const;

  Network& network_;
  Tokens& tokens_;
  Truth& truth_;
  bool sample_;
  bool made_;
};

}  // namespace simulation
