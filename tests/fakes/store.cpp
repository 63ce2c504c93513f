#include "fakes/store.hpp"

#include <algorithm>
#include <set>

namespace fakes {

using base::Errc;
using base::Error;
using storage::Rejected;

namespace {

class Queue final : public storage::Queue {
 public:
  Queue(State& state, base::Clock& clock, storage::QueueLimits limits)
      : state_(state), clock_(clock), limits_(limits) {}

  base::Task<> open(bool) override { co_return call("open"); }
  storage::QueueLimits limits() const override { return limits_; }

  base::Task<std::vector<Rejected>> send(std::span<storage::Outgoing const> messages) override {
    co_await clock_.sleep(state_.takes("send"));
    if (auto const failed = call("send"); !failed) co_return failed.error();
    for (auto const& outgoing : messages) {
      State::Stored stored;
      stored.message.id = "id-" + std::to_string(state_.next_id++);
      stored.message.body = outgoing.body;
      stored.message.group = outgoing.group;
      stored.message.receive_count = 0;
      stored.message.sent_at = clock_.system();
      stored.visible_at = clock_.steady() + outgoing.delay;
      state_.messages.push_back(std::move(stored));
    }
    co_return std::vector<Rejected>();
  }

  base::Task<std::vector<storage::Message>> receive(storage::Receive options) override {
    co_await clock_.sleep(state_.takes("receive"));
    if (auto const failed = call("receive"); !failed) co_return failed.error();
    std::vector<storage::Message> received;
    auto const now = clock_.steady();
    // A FIFO group of which a message is leased, or not visible yet, is closed.
    std::set<std::string> closed;
    for (auto& stored : state_.messages) {
      if (static_cast<int>(received.size()) >= std::min(options.at_most, limits_.receive_batch)) break;
      if (limits_.fifo && closed.contains(stored.message.group)) continue;
      if (stored.visible_at > now) {
        closed.insert(stored.message.group);
        continue;
      }
      stored.visible_at = now + options.lease;
      ++stored.message.receive_count;
      stored.message.receipt = "receipt-" + std::to_string(state_.next_receipt++);
      stored.message.lease_until = stored.visible_at;
      received.push_back(stored.message);
    }
    co_return received;
  }

  base::Task<std::vector<Rejected>> extend(std::span<storage::Message> messages,
                                           std::chrono::seconds lease) override {
    co_await clock_.sleep(state_.takes("extend"));
    co_return set_visible("extend", messages, lease);
  }
  base::Task<std::vector<Rejected>> release(std::span<storage::Message> messages,
                                            std::chrono::seconds delay) override {
    co_await clock_.sleep(state_.takes("release"));
    co_return set_visible("release", messages, delay);
  }

  base::Task<std::vector<Rejected>> remove(std::span<storage::Message const> messages) override {
    co_await clock_.sleep(state_.takes("remove"));
    if (auto const failed = call("remove"); !failed) co_return failed.error();
    std::vector<Rejected> rejected;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      auto const found = find(messages[i].id);
      if (found == state_.messages.end()) continue;
      if (found->message.receipt != messages[i].receipt)
        rejected.push_back({i, Error(Errc::conflict, "the lease is lost")});
      else
        state_.messages.erase(found);
    }
    co_return rejected;
  }

  base::Task<storage::Depth> depth() override {
    co_await clock_.sleep(state_.takes("depth"));
    if (auto const failed = call("depth"); !failed) co_return failed.error();
    storage::Depth depth;
    depth.visible = state_.messages.size();
    depth.exact = state_.exact;
    co_return depth;
  }

 private:
  base::Result<void> call(std::string const& name) {
    state_.calls.push_back(name);
    if (auto const error = state_.fail_call(name)) return *error;
    return {};
  }
  std::deque<State::Stored>::iterator find(std::string const& id) {
    return std::find_if(state_.messages.begin(), state_.messages.end(),
                        [&id](State::Stored const& stored) { return stored.message.id == id; });
  }
  base::Result<std::vector<Rejected>> set_visible(std::string const& name,
                                                  std::span<storage::Message> messages,
                                                  std::chrono::seconds in) {
    if (auto const failed = call(name); !failed) return failed.error();
    std::vector<Rejected> rejected;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      auto const found = find(messages[i].id);
      if (found == state_.messages.end() || found->message.receipt != messages[i].receipt) {
        rejected.push_back({i, Error(Errc::conflict, "the lease is lost")});
        continue;
      }
      found->visible_at = clock_.steady() + in;
      found->message.receipt = "receipt-" + std::to_string(state_.next_receipt++);
      messages[i].receipt = found->message.receipt;
      messages[i].lease_until = found->visible_at;
    }
    return rejected;
  }

  State& state_;
  base::Clock& clock_;
  storage::QueueLimits limits_;
};

class Table final : public storage::Table {
 public:
  Table(State& state, base::Clock& clock) : state_(state), clock_(clock) {}

  base::Task<> open(bool) override { co_return call("open"); }
  storage::TableLimits limits() const override {
    storage::TableLimits limits;
    limits.batch = 100;
    limits.row = 1 << 20;
    limits.stamp_name = "dateStamp";
    return limits;
  }
  base::Task<std::vector<Rejected>> upsert(std::span<storage::Entity const> rows) override {
    co_await clock_.sleep(state_.takes("upsert"));
    if (auto const failed = call("upsert"); !failed) co_return failed.error();
    std::vector<Rejected> rejected;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (auto const error = state_.fail_row(rows[i]))
        rejected.push_back({i, *error});
      else
        state_.rows[rows[i].key] = rows[i];
    }
    co_return rejected;
  }
  base::Task<std::optional<storage::Entity>> get(storage::Key key) override {
    co_await clock_.sleep(state_.takes("get"));
    if (auto const failed = call("get"); !failed) co_return failed.error();
    auto const found = state_.rows.find(key);
    std::optional<storage::Entity> row;
    if (found != state_.rows.end()) row = found->second;
    co_return row;
  }
  base::Task<storage::Page> scan(storage::Range) override {
    co_await clock_.sleep(state_.takes("scan"));
    if (auto const failed = call("scan"); !failed) co_return failed.error();
    storage::Page page;
    for (auto const& [key, row] : state_.rows) page.rows.push_back(row);
    co_return page;
  }

 private:
  base::Result<void> call(std::string const& name) {
    state_.calls.push_back(name);
    if (auto const error = state_.fail_call(name)) return *error;
    return {};
  }
  State& state_;
  base::Clock& clock_;
};

}  // namespace

storage::QueueLimits Cloud::default_limits() {
  storage::QueueLimits limits;
  limits.send_batch = 10;
  limits.receive_batch = 10;
  limits.body = 65536;
  limits.max_delay = std::chrono::hours(1);
  limits.min_lease = std::chrono::seconds(1);
  limits.max_lease = std::chrono::hours(12);
  return limits;
}

base::Result<std::unique_ptr<storage::Queue>> Cloud::queue(storage::Uri const& uri) {
  std::unique_ptr<storage::Queue> made = std::make_unique<Queue>(states_[uri.path], clock_, limits);
  return made;
}

base::Result<std::unique_ptr<storage::Table>> Cloud::table(storage::Uri const& uri) {
  std::unique_ptr<storage::Table> made = std::make_unique<Table>(states_[uri.path], clock_);
  return made;
}

}  // namespace fakes
