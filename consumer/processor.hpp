#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace consumer {

// What is done with a message between receiving and persisting it.
struct Process {
  enum class Kind { none, sleep, cpu };
  Kind kind = Kind::none;
  std::chrono::microseconds time{0};
};

// "none", "sleep=50ms", "cpu=5ms". Errors are the end of a sentence.
base::Result<Process> parse_process(std::string_view text);

// Does it. Ends early, with `cancelled`, when `stop` is requested; busy work can't be interrupted.
boost::asio::awaitable<base::Result<void>> carry_out(Process process, base::Clock& clock,
                                                     std::stop_token stop);

}  // namespace consumer
