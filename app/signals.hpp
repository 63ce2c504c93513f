#pragma once

#include <functional>
#include <memory>

#include "base/log.hpp"

namespace app {

// SIGINT and SIGTERM, also as PID 1 of a container, where a process without a handler would ignore them.
// Install it before the first wait for a service. Until drain_by() is called, when nothing is held yet, a
// signal ends the process with exit code 1. After that the first signal drains, and the second ends the
// process at once with exit code 1: what was held comes back when its lease ends.
class Signals {
 public:
  explicit Signals(base::Log& log);
  ~Signals();
  // `drain` runs on a thread of its own.
  void drain_by(std::function<void()> drain);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace app
