#pragma once

#include <boost/asio/io_context.hpp>
#include <map>
#include <utility>

#include "base/clock.hpp"
#include "base/event.hpp"

namespace fakes {

// Simulated time for many coroutines at once: it stands still while any of them can run, and then jumps to
// the next deadline that one of them waits for.
class Timeline final : public base::Clock {
 public:
  base::Steady steady() const override { return base::Steady(now_); }
  base::System system() const override { return epoch + now_; }
  boost::asio::awaitable<void> sleep_until(base::Steady deadline, std::stop_token stop) override;

  // Runs the loop until `done()`; false where nothing was left to run or to wait for, or `limit` of simulated
  // time had passed.
  template <class Done>
  bool run(boost::asio::io_context& io, Done done, std::chrono::nanoseconds limit = std::chrono::hours(24)) {
    auto const end = steady() + limit;
    while (!done()) {
      io.restart();
      if (io.poll_one() > 0) continue;
      if (!jump() || steady() > end) return done();
    }
    return true;
  }

 private:
  static constexpr base::System epoch{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}};
  bool jump();

  std::chrono::nanoseconds now_{std::chrono::hours(1)};
  std::uint64_t next_ = 0;
  std::map<std::pair<base::Steady, std::uint64_t>, base::Event*> sleepers_;
};

}  // namespace fakes
