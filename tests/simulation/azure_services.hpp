#pragma once

#include <map>
#include <string>
#include <vector>

#include "simulation/mailbox.hpp"
#include "simulation/network.hpp"
#include "simulation/tokens.hpp"

namespace simulation {

// Azure Queue storage, as its REST reference describes it.
// https://learn.microsoft.com/rest/api/storageservices/queue-service-rest-api
class AzureQueueService final : public Service {
 public:
  AzureQueueService(Network& network, Tokens& tokens) : network_(network), tokens_(tokens) {}
  void add(std::string name, Mailbox& mailbox) { mailboxes_[std::move(name)] = {&mailbox, false}; }

  std::optional<Reply> handle(ExchangePtr const& exchange) override;
  http::Response failure(Fault fault) override;
  http::Response refusal() override;

 private:
  struct Place {
    Mailbox* mailbox = nullptr;
    bool made = false;
  };
  Reply put(Mailbox& mailbox, ExchangePtr const& exchange, std::string const& query);
  Reply get(Mailbox& mailbox, ExchangePtr const& exchange, std::string const& query);
  Reply change(Mailbox& mailbox, ExchangePtr const& exchange, std::string const& id,
               std::string const& query);

  Network& network_;
  Tokens& tokens_;
  std::map<std::string, Place, std::less<>> mailboxes_;
};

// Azure Table storage: rows one by one and entity group transactions.
// https://learn.microsoft.com/rest/api/storageservices/table-service-rest-api
class AzureTableService final : public Service {
 public:
  AzureTableService(Network& network, Tokens& tokens, Truth& truth, std::string name)
      : network_(network), tokens_(tokens), truth_(truth), name_(std::move(name)) {}

  std::optional<Reply> handle(ExchangePtr const& exchange) override;
  http::Response failure(Fault fault) override;
  http::Response refusal() override;

 private:
  struct Put {
    std::string partition;
    std::string row;
    std::string_view json;
  };
  http::Response batch(ExchangePtr const& exchange);
  std::string refused(Put const& put) const;  // the code of the error; empty where it can be written
  void write(Put const& put);
  std::optional<Put> read_put(std::string_view target, std::string_view json) const;

  Network& network_;
  Tokens& tokens_;
  Truth& truth_;
  std::string name_;
  bool made_ = false;
};

// The value of a query's parameter, decoded; empty where it is not there.
std::string parameter(std::string_view query, std::string_view name);
http::Response response(int status, std::string body = {});

}  // namespace simulation
