#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>

namespace base {

// Runs `work(0) … work(count - 1)` as coroutines on the caller's executor, at most `at_once` of them at a
// time, and resumes when all have ended. Works in index order, so a simulation sees one schedule. `work` is
// kept until then. If one throws, the rest still run to their end and the first exception is thrown on.
boost::asio::awaitable<void> gather(std::size_t count, std::size_t at_once,
                                    std::function<boost::asio::awaitable<void>(std::size_t)> const& work);

}  // namespace base
