#include "base/gather.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>

#include "base/event.hpp"

namespace base {
namespace asio = boost::asio;

namespace {

struct Progress {
  std::size_t next = 0;
  std::size_t running = 0;
  std::exception_ptr failure;
};

asio::awaitable<void> lane(std::size_t count, std::function<asio::awaitable<void>(std::size_t)> const& work,
                           Progress& progress) {
  while (progress.next < count) {
    std::size_t const mine = progress.next++;
    // Caught here and not only where the lane ends, or the work that the lane has yet to take would be lost.
    try {
      co_await work(mine);
    } catch (...) {
      if (!progress.failure) progress.failure = std::current_exception();
    }
  }
}

}  // namespace

asio::awaitable<void> gather(std::size_t count, std::size_t at_once,
                             std::function<asio::awaitable<void>(std::size_t)> const& work) {
  if (count == 0) co_return;
  Progress progress;
  if (count == 1) {
    co_await work(0);
    co_return;
  }
  auto const executor = co_await asio::this_coro::executor;
  Event done(executor);
  std::size_t const lanes = std::min(count, std::max<std::size_t>(at_once, 1));
  progress.running = lanes;
  for (std::size_t i = 0; i < lanes; ++i) {
    asio::co_spawn(executor, lane(count, work, progress), [&progress, &done](std::exception_ptr failure) {
      if (failure && !progress.failure) progress.failure = failure;
      if (--progress.running == 0) done.notify();
    });
  }
  while (progress.running > 0) co_await done.wait();
  if (progress.failure) std::rethrow_exception(progress.failure);
}

}  // namespace base
