#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace consumer {

// What is done with a message between receiving and persisting it.
struct Process {
  enum class Kind { none, sleep, cpu, exec };
  Kind kind = Kind::none;
  std::chrono::microseconds time{0};
  std::vector<std::string> words{};  // exec: the program that does it, and its arguments
};

// "none", "sleep=50ms", "cpu=5ms", "exec=CMD". Errors are the end of a sentence.
base::Result<Process> parse_process(std::string_view text);

// Does it, where no workers are needed. Ends early, with `cancelled`, when `stop` is requested; busy work
// can't be interrupted.
boost::asio::awaitable<base::Result<void>> carry_out(Process process, base::Clock& clock,
                                                     std::stop_token stop);

}  // namespace consumer
