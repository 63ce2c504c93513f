#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <stop_token>

#include "consumer/worker_line.hpp"

namespace consumer {

// Those who do the work on messages for one loop. An interface, so that a test needs no processes.
class Workers {
 public:
  virtual ~Workers() = default;
  // Gives the job to a worker as soon as one is free, and tells what came of it. `cancelled` as soon as
  // `stop` is requested: a worker that is at it goes on, and its answer is dropped.
  virtual boost::asio::awaitable<Verdict> work(Job job, std::stop_token stop) = 0;
  // Asks them to end, and kills those that have not after `patience`. No work() may follow.
  virtual boost::asio::awaitable<void> end(std::chrono::nanoseconds patience) = 0;
  virtual void kill() = 0;  // at once
};

}  // namespace consumer
