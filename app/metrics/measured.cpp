#include "app/metrics/measured.hpp"

namespace app {

namespace {

using storage::Message;
using storage::Outgoing;
using storage::Rejected;
using storage::Task;

// The kind of error of a call as a whole: an item's trouble is counted by itself.
template <class T>
std::optional<base::Errc> kind_of(base::Result<T> const& result) {
  if (result) return std::nullopt;
  return result.error().code;
}

// Counts each item of a batch as done or by its error.
void count(base::Result<std::vector<Rejected>> const& result, std::size_t items, base::Tally& done,
           http::Errors& failed) {
  if (!result) {
    failed[result.error().code] += items;
    return;
  }
  for (auto const& rejected : *result) ++failed[rejected.error.code];
  done += items - result->size();
}

class MeasuredQueue final : public storage::Queue {
 public:
  MeasuredQueue(std::unique_ptr<storage::Queue> inner, std::shared_ptr<QueueMeters> meters,
                base::Clock& clock)
      : inner_(std::move(inner)), meters_(std::move(meters)), clock_(clock) {}

  Task<> open(bool create) override {
    auto result = co_await inner_->open(create);
    meters_->answered(clock_.steady(), kind_of(result));
    co_return result;
  }
  storage::QueueLimits limits() const override { return inner_->limits(); }
  std::string dead_letters() const override { return inner_->dead_letters(); }

  Task<std::vector<Rejected>> send(std::span<Outgoing const> messages) override {
    auto const begun = clock_.steady();
    auto result = co_await inner_->send(messages);
    note(meters_->send, begun, result);
    count(result, messages.size(), meters_->sent, meters_->unsent);
    co_return result;
  }

  Task<std::vector<Message>> receive(storage::Receive options) override {
    auto const begun = clock_.steady();
    auto result = co_await inner_->receive(std::move(options));
    auto const now = note(meters_->receive, begun, result);
    if (!result || result->empty()) co_return result;
    meters_->received += result->size();
    auto const today = clock_.system();
    for (auto const& message : *result)
      if (message.sent_at) meters_->arrived(now, today - *message.sent_at);
    co_return result;
  }

  Task<std::vector<Rejected>> extend(std::span<Message> messages, std::chrono::seconds lease) override {
    auto const begun = clock_.steady();
    auto result = co_await inner_->extend(messages, lease);
    note(meters_->extend, begun, result);
    count(result, messages.size(), meters_->extended, meters_->unextended);
    co_return result;
  }

  Task<std::vector<Rejected>> release(std::span<Message> messages, std::chrono::seconds delay) override {
    auto const begun = clock_.steady();
    auto result = co_await inner_->release(messages, delay);
    note(meters_->nack, begun, result);
    co_return result;
  }

  Task<std::vector<Rejected>> remove(std::span<Message const> messages) override {
    auto const begun = clock_.steady();
    auto result = co_await inner_->remove(messages);
    note(meters_->ack, begun, result);
    co_return result;
  }

  Task<storage::Depth> depth() override {
    auto const begun = clock_.steady();
    auto result = co_await inner_->depth();
    auto const now = note(meters_->depth, begun, result);
    if (result) {
      auto const told = [](std::optional<std::uint64_t> count) {
        return count ? static_cast<std::int64_t>(*count) : std::int64_t{-1};
      };
      meters_->total.set(static_cast<std::int64_t>(result->total()));
      // Where nothing is told about leases, `visible` includes them.
      meters_->visible.set(result->leased ? told(result->visible) : -1);
      meters_->leased.set(told(result->leased));
      meters_->delayed.set(told(result->delayed));
      meters_->counted_ns.set(std::chrono::nanoseconds(now.time_since_epoch()).count());
    }
    co_return result;
  }

 private:
  template <class T>
  base::Steady note(Outcomes& outcomes, base::Steady begun, base::Result<T> const& result) {
    auto const now = clock_.steady();
    auto const kind = kind_of(result);
    outcomes.record(kind, now - begun);
    // Who may not look at the depth may well send and receive.
    if (&outcomes != &meters_->depth || !kind) meters_->answered(now, kind);
    return now;
  }

  std::unique_ptr<storage::Queue> inner_;
  std::shared_ptr<QueueMeters> meters_;
  base::Clock& clock_;
};

class MeasuredTable final : public storage::Table {
 public:
  MeasuredTable(std::unique_ptr<storage::Table> inner, std::shared_ptr<TableMeters> meters,
                base::Clock& clock)
      : inner_(std::move(inner)), meters_(std::move(meters)), clock_(clock) {}

  Task<> open(bool create) override { return inner_->open(create); }
  storage::TableLimits limits() const override { return inner_->limits(); }

  Task<std::vector<Rejected>> upsert(std::span<storage::Entity const> rows) override {
    auto const begun = clock_.steady();
    auto result = co_await inner_->upsert(rows);
    meters_->upsert.record(kind_of(result), clock_.steady() - begun);
    co_return result;
  }
  Task<std::optional<storage::Entity>> get(storage::Key key) override {
    auto const begun = clock_.steady();
    auto result = co_await inner_->get(std::move(key));
    meters_->get.record(kind_of(result), clock_.steady() - begun);
    co_return result;
  }
  Task<storage::Page> scan(storage::Range range) override {
    auto const begun = clock_.steady();
    auto result = co_await inner_->scan(std::move(range));
    meters_->scan.record(kind_of(result), clock_.steady() - begun);
    co_return result;
  }

 private:
  std::unique_ptr<storage::Table> inner_;
  std::shared_ptr<TableMeters> meters_;
  base::Clock& clock_;
};

}  // namespace

std::unique_ptr<storage::Queue> measured(std::unique_ptr<storage::Queue> queue,
                                         std::shared_ptr<QueueMeters> meters, base::Clock& clock) {
  if (!meters) return queue;
  return std::make_unique<MeasuredQueue>(std::move(queue), std::move(meters), clock);
}

std::unique_ptr<storage::Table> measured(std::unique_ptr<storage::Table> table,
                                         std::shared_ptr<TableMeters> meters, base::Clock& clock) {
  if (!meters) return table;
  return std::make_unique<MeasuredTable>(std::move(table), std::move(meters), clock);
}

}  // namespace app
