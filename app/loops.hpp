#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/environment.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "http/client.hpp"
#include "http/traffic.hpp"
#include "storage/open/stores.hpp"

namespace app {

struct LoopSettings {
  std::string program;
  std::string ca_file;
  std::string ca_file_origin;
  std::size_t connections = 256;
  std::shared_ptr<http::Gates> gates = std::make_shared<http::Gates>();  // the process's, for all its loops
  bool timed = false;  // whether each attempt of each request is
};

// One event loop with its own connections, credentials and handles: nothing is shared between loops.
class Loop {
 public:
  // Time, chance and the stores are handed in, so that a test or a simulation can supply them.
  Loop(std::unique_ptr<base::Clock> clock, std::unique_ptr<base::Random> random, base::Log& log);
  ~Loop();

  // The machine's clocks and network, and the real clouds. invalid: a CA file that can't be used.
  static base::Result<std::unique_ptr<Loop>> make(LoopSettings const& settings,
                                                  base::Environment const& environment, base::Log& log);
  // Before stores() is used. `transport` is what the stores send through.
  void use(std::unique_ptr<http::Client> transport, std::unique_ptr<storage::Stores> stores);

  boost::asio::io_context& io() { return io_; }
  base::Clock& clock() { return *clock_; }
  base::Random& random() { return *random_; }
  base::Log& log() { return log_; }
  storage::Stores& stores() { return *stores_; }
  // What it counts; may be kept and read when the loop is gone.
  std::shared_ptr<http::Traffic const> traffic() const { return traffic_; }

  // Requested on this loop's thread once the program is asked to end.
  std::stop_token stop() const { return stop_.get_token(); }
  void request_stop();  // from any thread

 private:
  boost::asio::io_context io_{1};
  std::unique_ptr<base::Clock> clock_;
  std::unique_ptr<base::Random> random_;
  base::Log& log_;
  std::stop_source stop_;
  std::shared_ptr<http::Gates> gates_;
  std::shared_ptr<http::Traffic> traffic_ = std::make_shared<http::Traffic>();
  std::unique_ptr<http::Client> transport_;
  std::unique_ptr<http::Client> timing_;  // around it, where asked for
  std::unique_ptr<storage::Stores> stores_;
};

using Loops = std::vector<std::unique_ptr<Loop>>;

base::Result<Loops> make_loops(std::size_t count, LoopSettings const& settings,
                               base::Environment const& environment, base::Log& log);

// For co_spawn: what a coroutine throws ends its loop's run, and run_all throws it on. Nothing is swallowed.
inline constexpr auto rethrow = [](std::exception_ptr const& thrown) {
  if (thrown) std::rethrow_exception(thrown);
};

// Runs `work(loop, index)` on every loop, each on its own thread, and returns when all have ended; what they
// spawned must have ended with them. May be called again. Throws on what
// the first of them threw, after stopping the others.
void run_all(Loops& loops, std::function<boost::asio::awaitable<void>(Loop&, std::size_t)> const& work);

}  // namespace app
