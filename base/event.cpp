#include "base/event.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace base {
namespace asio = boost::asio;

asio::awaitable<void> Event::wait() {
  boost::system::error_code cancelled;
  auto token = asio::redirect_error(asio::use_awaitable, cancelled);
  co_await timer_.async_wait(token);
}

}  // namespace base
