#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <stop_token>

namespace base {

using Steady = std::chrono::steady_clock::time_point;
using System = std::chrono::system_clock::time_point;

// Where all time comes from, so that a simulation can supply it.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Steady steady() const = 0;
  virtual System system() const = 0;
  // Resumes on the caller's executor at `deadline`, or as soon as `stop` is requested.
  // `stop` must be requested on the thread that runs the caller's executor.
  virtual boost::asio::awaitable<void> sleep_until(Steady deadline, std::stop_token stop) = 0;

  boost::asio::awaitable<void> sleep(std::chrono::nanoseconds duration, std::stop_token stop = {}) {
    return sleep_until(steady() + std::chrono::duration_cast<Steady::duration>(duration), std::move(stop));
  }
};

// The machine's own clocks.
class RealClock final : public Clock {
 public:
  Steady steady() const override { return std::chrono::steady_clock::now(); }
  System system() const override { return std::chrono::system_clock::now(); }
  boost::asio::awaitable<void> sleep_until(Steady deadline, std::stop_token stop) override;
};

}  // namespace base
