#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace fakes {

// Runs one coroutine to its end on `loop` and returns what it returned. Throws what it threw, and where the
// loop ran out of work before it ended.
template <class T>
T run(boost::asio::io_context& loop, boost::asio::awaitable<T> task) {
  std::optional<T> value;
  std::exception_ptr failure;
  boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr thrown, T result) {
    failure = thrown;
    if (!thrown) value.emplace(std::move(result));
  });
  loop.restart();
  while (!value && !failure && loop.run_one() > 0) {
  }
  if (failure) std::rethrow_exception(failure);
  if (!value) throw std::logic_error("the coroutine waits for something that nothing will bring");
  return std::move(*value);
}

void run(boost::asio::io_context& loop, boost::asio::awaitable<void> task);

// The same on a loop of its own.
template <class T>
T run(boost::asio::awaitable<T> task) {
  boost::asio::io_context loop;
  return run(loop, std::move(task));
}

}  // namespace fakes
