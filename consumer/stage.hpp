#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <stop_token>
#include <vector>

#include "app/loops.hpp"
#include "base/event.hpp"

namespace consumer {

struct Held;

// A step that handles messages in batches, a few side by side. A batch fills whole requests of the service:
// what is left over waits a moment for what comes after it. It holds no more than its lane holds messages, so
// it needs no bound of its own.
class Stage {
 public:
  using Batch = std::vector<Held*>;
  using Work = std::function<boost::asio::awaitable<void>(Batch)>;
  using Linger = std::function<std::chrono::microseconds()>;
  using Parted = std::function<bool(Held const&, Held const&)>;

  // `unit` messages fill a request. `linger`: how long fewer wait for more; asked each time. `parted`, where
  // there is one: whether two neighbours can't go in one request anyway. Then a batch ends between such, not
  // by units.
  Stage(app::Loop& loop, std::size_t unit, std::size_t parallel, Linger linger, Parted parted, Work work);
  void push(Held& held);

 private:
  boost::asio::awaitable<void> pump();
  std::size_t batch_size() const;
  boost::asio::awaitable<void> run(Batch batch);

  app::Loop& loop_;
  std::size_t unit_;
  std::size_t most_;  // in a batch: whole units
  std::size_t parallel_;
  Linger linger_;
  Parted parted_;
  Work work_;
  base::Event freed_;
  std::stop_source filled_{std::nostopstate};  // ends a wait for more
  std::deque<Held*> waiting_;
  std::size_t running_ = 0;
  bool pumping_ = false;
};

}  // namespace consumer
