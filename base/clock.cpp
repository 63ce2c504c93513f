#include "base/clock.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace base {
namespace asio = boost::asio;

asio::awaitable<void> RealClock::sleep_until(Steady deadline, std::stop_token stop) {
  if (stop.stop_requested()) co_return;
  asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
  std::stop_callback const wake(stop, [&timer] { timer.cancel(); });
  boost::system::error_code ignored;  // cancelled or elapsed: both mean "go on"
  auto token = asio::redirect_error(asio::use_awaitable, ignored);
  co_await timer.async_wait(token);
}

}  // namespace base
