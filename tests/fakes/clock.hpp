#pragma once

#include <vector>

#include "base/clock.hpp"

namespace fakes {

// Time that stands still until somebody sleeps: a sleep moves it to its deadline at once and is recorded.
class Clock final : public base::Clock {
 public:
  base::Steady steady() const override { return steady_; }
  base::System system() const override { return system_; }
  boost::asio::awaitable<void> sleep_until(base::Steady deadline, std::stop_token stop) override;

  void advance(std::chrono::nanoseconds by);
  void set_system(base::System now) { system_ = now; }

  std::vector<std::chrono::milliseconds> slept;

 private:
  base::Steady steady_{std::chrono::hours(1)};
  base::System system_{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + std::chrono::hours(1)};
};

}  // namespace fakes
