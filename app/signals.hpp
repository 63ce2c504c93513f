#pragma once

#include <functional>
#include <memory>

namespace app {

// SIGINT and SIGTERM, also as PID 1 of a container: the first one calls `drain`, the second ends the process
// at once with exit code 1 (what was held comes back when its lease ends). SIGPIPE is ignored while it lives.
// `drain` runs on a thread of its own.
class Signals {
 public:
  explicit Signals(std::function<void()> drain);
  ~Signals();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace app
