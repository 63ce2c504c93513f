#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/environment.hpp"
#include "base/log.hpp"
#include "consumer/workers.hpp"

namespace consumer {

struct WorkerSettings {
  std::vector<std::string> words;                             // the program and its arguments
  base::Environment environment;                              // what it gets
  std::size_t size = 1;                                       // processes
  std::chrono::nanoseconds limit = std::chrono::seconds(30);  // for one message; then the worker is killed
  std::size_t longest_line = std::size_t{1} << 20;            // bytes of an answer
};

// What workers may see of our environment: all but what holds or leads to credentials (AWS_*, AZURE_* and
// names that speak of secrets), unless its name is in `passed`.
base::Environment worker_environment(base::Environment const& ours, std::vector<std::string> const& passed);

// Long-lived processes, one message at a time each, in the protocol of docs/workers.md. A worker that dies,
// takes too long or breaks the protocol costs the one message that it had, and is replaced, after a growing
// pause while none answers. One that can't be started costs no message: they wait.
class WorkerPool final : public Workers {
 public:
  // Everything referred to outlives the pool, and the loop runs no more when the pool dies.
  WorkerPool(boost::asio::any_io_executor executor, base::Clock& clock, base::Log& log,
             WorkerSettings settings);
  ~WorkerPool() override;
  boost::asio::awaitable<Verdict> work(Job job, std::stop_token stop) override;
  boost::asio::awaitable<void> end(std::chrono::nanoseconds patience) override;
  void kill() override;

 private:
  struct Core;
  std::shared_ptr<Core> core_;  // shared with the coroutines that tend the processes
};

}  // namespace consumer
