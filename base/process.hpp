#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/environment.hpp"
#include "base/secret.hpp"
#include "base/task.hpp"

namespace base {

// A program to run to its end. Arguments are seen by every user of the machine: never a secret.
struct Command {
  std::vector<std::string> words;  // the program, a path or a name to look for in PATH, and its arguments
  std::chrono::milliseconds limit{30'000};        // then it is killed, with all that it started
  std::size_t max_output = std::size_t{1} << 20;  // bytes of either stream; more kills it too
};

struct Finished {
  int status = 0;  // what it exited with; 128 + N where signal N ended it
  Secret output;   // such programs print tokens
  std::string errors;
};

// Where `program` is: itself where it holds a '/', else the first executable file of that name in PATH.
std::optional<std::string> find_program(std::string_view program, Environment const& environment);

// Runs a program without a shell, with `environment`, no input and none of our open files, without blocking
// the event loop. Any exit status is a Finished. absent: there is no such program, or it can't be executed;
// transient: it took longer than the limit; too_large: it wrote more than max_output.
Task<Finished> run_process(Command command, Environment const& environment, Clock& clock);

}  // namespace base
