#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <vector>

#include "app/loops.hpp"
#include "base/event.hpp"

namespace consumer {

struct Held;

// A step that handles messages in batches: what arrives within a moment goes together, a few batches side by
// side. It holds no more than its lane holds messages, so it needs no bound of its own.
class Stage {
 public:
  using Batch = std::vector<Held*>;
  using Work = std::function<boost::asio::awaitable<void>(Batch)>;

  Stage(app::Loop& loop, std::size_t batch, std::size_t parallel, std::chrono::microseconds linger,
        Work work);
  void push(Held& held);

 private:
  boost::asio::awaitable<void> pump();
  boost::asio::awaitable<void> run(Batch batch);

  app::Loop& loop_;
  std::size_t batch_;
  std::size_t parallel_;
  std::chrono::microseconds linger_;
  Work work_;
  base::Event freed_;
  std::deque<Held*> waiting_;
  std::size_t running_ = 0;
  bool pumping_ = false;
};

}  // namespace consumer
