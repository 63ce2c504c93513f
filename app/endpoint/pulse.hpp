#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <stop_token>

#include "app/loops.hpp"
#include "base/tally.hpp"
#include "storage/core/queue.hpp"

namespace app {

// What an event loop says of itself each second: that it turns, and what it holds.
struct Pulse {
  base::Reading<std::int64_t> beat_ns{0};    // by the steady clock; 0: it does not run
  base::Reading<std::int64_t> in_flight{0};  // messages
  base::Reading<std::int64_t> oldest_ns{0};  // when the oldest of them was sent, since the epoch; 0: unknown
};

// Keeps a pulse beside the work of its loop, and asks the queue for its depth every 15 s where one is given.
class Beating {
 public:
  // `look` fills in what is held. Everything referred to outlives the beating.
  Beating(Loop& loop, std::shared_ptr<Pulse> pulse, std::function<void(Pulse&)> look, storage::Queue* asked);
  void start();
  // Ends it. False where the queue has not answered within `patience`: the loop can't be torn down then.
  boost::asio::awaitable<bool> end(std::chrono::nanoseconds patience);

 private:
  boost::asio::awaitable<void> beat();
  boost::asio::awaitable<void> ask();

  Loop& loop_;
  std::shared_ptr<Pulse> pulse_;
  std::function<void(Pulse&)> look_;
  storage::Queue* asked_;
  std::stop_source ended_;
  int running_ = 0;
};

}  // namespace app
