#include "simulation/watch.hpp"

namespace simulation {

using storage::Rejected;
using storage::Task;

void Watch::count_held() {
  if (held_ && held_() > most_)
    world_.violate("a consumer holds " + std::to_string(held_()) + " messages, which is more than it may");
}

void Watch::received(storage::Message const& message) {
  Key const key(message.id, message.receive_count);
  auto const before = deliveries_.find(Key(message.id, message.receive_count - 1));
  if (before != deliveries_.end() && !before->second.settled && !before->second.lost &&
      before->second.lease_until <= clock_.steady() && undisturbed_ && undisturbed_())
    world_.violate("a lease ran out in the hands of a consumer that nothing kept from renewing it: " +
                   message.id);
  Delivery delivery;
  delivery.lease_until = message.lease_until;
  deliveries_[key] = delivery;
  receipts_[message.receipt] = key;
}

Watch::Delivery* Watch::by_receipt(std::string const& receipt) {
  auto const found = receipts_.find(receipt);
  if (found == receipts_.end()) {
    world_.violate("a consumer used a receipt that it was never given: " + receipt);
    return nullptr;
  }
  return &deliveries_[found->second];
}

void Watch::extended(std::string const& old_receipt, storage::Message const& message,
                     base::Error const* error) {
  auto* const delivery = by_receipt(old_receipt);
  if (!delivery) return;
  if (!error) {
    delivery->lease_until = message.lease_until;
    receipts_.emplace(message.receipt, receipts_.at(old_receipt));
  } else if (error->code == base::Errc::conflict || error->code == base::Errc::absent) {
    delivery->lost = true;
    world_.note("learns that its lease is lost", process_, old_receipt);
  }
}

void Watch::giving_back(std::string const& receipt) {
  if (auto* const delivery = by_receipt(receipt)) delivery->settled = true;
}

void Watch::removing(std::string const& receipt) {
  if (auto* const delivery = by_receipt(receipt)) delivery->settled = true;
}

void Watch::removal_failed(std::string const& receipt, base::Error const& error) {
  auto* const delivery = by_receipt(receipt);
  if (!delivery) return;
  // Its row or its dead letter stands: whoever gets it next has nothing to do but to remove it.
  if (error.code == base::Errc::conflict) delivery->lost = true;
}

void Watch::writing(storage::Entity const& row) {
  auto const id = row.text("messageId");
  auto const count = row.text("receiveCount");
  if (!id || !count || row.key.partition == "dead-letter") return;
  auto const found = deliveries_.find(Key(*id, std::stoi(*count)));
  if (found == deliveries_.end())
    return world_.violate("a row for a message that was never received: " + *id);
  if (found->second.lost)
    world_.violate("a row is written although its lease is known to be lost: " + *id);
  else if (found->second.lease_until <= clock_.steady())
    world_.violate("a row is written although its lease has run out: " + *id);
}

void Watch::check_end() {
  for (auto const& [key, delivery] : deliveries_)
    if (!delivery.settled && !delivery.lost && delivery.lease_until > clock_.steady())
      world_.violate("a consumer ended without handing back what it held: " + key.first);
}

namespace {

class WatchedQueue final : public storage::Queue {
 public:
  WatchedQueue(std::unique_ptr<storage::Queue> inner, Watch& watch)
      : inner_(std::move(inner)), watch_(watch) {}

  Task<> open(bool create) override { return inner_->open(create); }
  storage::QueueLimits limits() const override { return inner_->limits(); }
  Task<std::vector<Rejected>> send(std::span<storage::Outgoing const> messages) override {
    return inner_->send(messages);
  }
  Task<storage::Depth> depth() override { return inner_->depth(); }

  Task<std::vector<storage::Message>> receive(storage::Receive options) override {
    watch_.count_held();
    auto received = co_await inner_->receive(std::move(options));
    if (received)
      for (auto const& message : *received) watch_.received(message);
    co_return received;
  }
  Task<std::vector<Rejected>> extend(std::span<storage::Message> messages,
                                     std::chrono::seconds lease) override {
    std::vector<std::string> before;
    for (auto const& message : messages) before.push_back(message.receipt);
    auto result = co_await inner_->extend(messages, lease);
    if (!result) co_return result;
    std::vector<base::Error const*> errors(messages.size(), nullptr);
    for (auto const& rejected : *result) errors.at(rejected.index) = &rejected.error;
    for (std::size_t i = 0; i < messages.size(); ++i) watch_.extended(before[i], messages[i], errors[i]);
    co_return result;
  }
  Task<std::vector<Rejected>> release(std::span<storage::Message> messages,
                                      std::chrono::seconds delay) override {
    for (auto const& message : messages) watch_.giving_back(message.receipt);
    return inner_->release(messages, delay);
  }
  Task<std::vector<Rejected>> remove(std::span<storage::Message const> messages) override {
    watch_.count_held();
    for (auto const& message : messages) watch_.removing(message.receipt);
    auto result = co_await inner_->remove(messages);
    if (!result)
      for (auto const& message : messages) watch_.removal_failed(message.receipt, result.error());
    else
      for (auto const& rejected : *result)
        watch_.removal_failed(messages[rejected.index].receipt, rejected.error);
    co_return result;
  }

 private:
  std::unique_ptr<storage::Queue> inner_;
  Watch& watch_;
};

class WatchedTable final : public storage::Table {
 public:
  WatchedTable(std::unique_ptr<storage::Table> inner, Watch& watch)
      : inner_(std::move(inner)), watch_(watch) {}

  Task<> open(bool create) override { return inner_->open(create); }
  storage::TableLimits limits() const override { return inner_->limits(); }
  Task<std::vector<Rejected>> upsert(std::span<storage::Entity const> rows) override {
    watch_.count_held();
    for (auto const& row : rows) watch_.writing(row);
    return inner_->upsert(rows);
  }
  Task<std::optional<storage::Entity>> get(storage::Key key) override { return inner_->get(std::move(key)); }
  Task<storage::Page> scan(storage::Range range) override { return inner_->scan(std::move(range)); }

 private:
  std::unique_ptr<storage::Table> inner_;
  Watch& watch_;
};

}  // namespace

std::unique_ptr<storage::Queue> watched(std::unique_ptr<storage::Queue> queue, Watch& watch) {
  return std::make_unique<WatchedQueue>(std::move(queue), watch);
}

std::unique_ptr<storage::Table> watched(std::unique_ptr<storage::Table> table, Watch& watch) {
  return std::make_unique<WatchedTable>(std::move(table), watch);
}

}  // namespace simulation
