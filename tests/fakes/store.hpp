#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "storage/core/cloud.hpp"

namespace fakes {

// What an in-memory cloud holds. Tests look into it and plant failures.
struct State {
  struct Stored {
    storage::Message message;
    base::Steady visible_at;
  };
  std::deque<Stored> messages;
  std::map<storage::Key, storage::Entity> rows;
  bool exact = true;  // whether the depth is
  int next_id = 1;
  int next_receipt = 1;
  std::vector<std::string> calls;  // "receive", "upsert", "remove", … in order

  // Each may answer with an error for the call, or for one item by its body's or row's text.
  std::function<std::optional<base::Error>(std::string const& call)> fail_call = [](auto const&) {
    return std::nullopt;
  };
  // How long a call takes.
  std::function<std::chrono::nanoseconds(std::string const& call)> takes = [](auto const&) {
    return std::chrono::nanoseconds(0);
  };
  std::function<std::optional<base::Error>(storage::Entity const&)> fail_row = [](auto const&) {
    return std::nullopt;
  };
};

// A queue and a table in memory with leases on an injected clock, under the scheme "memory": memory:NAME.
class Cloud final : public storage::Cloud {
 public:
  explicit Cloud(base::Clock& clock) : clock_(clock) {}
  bool claims(storage::Uri const& uri) const override { return uri.scheme == "memory"; }
  base::Result<std::unique_ptr<storage::Queue>> queue(storage::Uri const& uri) override;
  base::Result<std::unique_ptr<storage::Table>> table(storage::Uri const& uri) override;

  State& state(std::string const& name) { return states_[name]; }
  storage::QueueLimits limits = default_limits();

  static storage::QueueLimits default_limits();

 private:
  base::Clock& clock_;
  std::map<std::string, State> states_;
};

}  // namespace fakes
