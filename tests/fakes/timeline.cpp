#include "fakes/timeline.hpp"

#include <boost/asio/this_coro.hpp>

namespace fakes {

boost::asio::awaitable<void> Timeline::sleep_until(base::Steady deadline, std::stop_token stop) {
  if (stop.stop_requested() || deadline <= steady()) co_return;
  base::Event wake(co_await boost::asio::this_coro::executor);
  auto const place = std::pair(deadline, next_++);
  sleepers_.emplace(place, &wake);
  {
    std::stop_callback const stopped(stop, [&wake] { wake.notify(); });
    co_await wake.wait();
  }
  sleepers_.erase(place);
}

bool Timeline::jump() {
  if (sleepers_.empty()) return false;
  now_ = sleepers_.begin()->first.first.time_since_epoch();
  while (!sleepers_.empty() && sleepers_.begin()->first.first <= steady()) {
    auto* const wake = sleepers_.begin()->second;
    sleepers_.erase(sleepers_.begin());
    wake->notify();
  }
  return true;
}

}  // namespace fakes
