#include "fakes/clock.hpp"

namespace fakes {

boost::asio::awaitable<void> Clock::sleep_until(base::Steady deadline, std::stop_token stop) {
  if (stop.stop_requested() || deadline <= steady_) co_return;
  slept.push_back(std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_));
  advance(deadline - steady_);
}

void Clock::advance(std::chrono::nanoseconds by) {
  steady_ += std::chrono::duration_cast<base::Steady::duration>(by);
  system_ += std::chrono::duration_cast<base::System::duration>(by);
}

}  // namespace fakes
