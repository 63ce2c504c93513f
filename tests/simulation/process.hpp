#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "app/loops.hpp"
#include "base/environment.hpp"
#include "simulation/world.hpp"

namespace simulation {

class Network;
class Wait;

// One simulated process: the shipped event loop with its stores, on simulated time and network. It can be
// ended between any two steps of its event loop, as a SIGKILL would.
class Process {
 public:
  Process(World& world, Network& network, int number, base::Environment environment);
  ~Process();
  Process(Process const&) = delete;

  World& world() { return world_; }
  Network& network() { return network_; }
  int number() const { return number_; }
  app::Loop& loop() { return *loop_; }
  base::System system() const { return world_.system() + skew_; }

  // The wall clock alone; the steady clock never jumps.
  void jump_clock(Nanos by) { skew_ += std::chrono::duration_cast<base::System::duration>(by); }
  // Nothing of it runs until then, as when a machine stalls or a container is frozen.
  void freeze(Nanos until);
  // Ends it after so many more steps of its event loop.
  void crash_after_steps(std::uint64_t steps, std::function<void()> crashed);

  // Runs until it can't go on by itself. Called by the world.
  void run();
  // Marks that it can run.
  void wake();
  // Destroys every coroutine where it stands. What they refer to must still be there.
  void end_coroutines();
  bool ended() const { return ended_; }
  // Until when it is, or was last, frozen.
  Nanos thawed_at() const { return thawed_at_; }

 private:
  friend class Wait;

  World& world_;
  Network& network_;
  int number_;
  base::Environment environment_;
  base::System::duration skew_{0};
  base::NoLog log_;
  http::Gates gates_;
  std::unique_ptr<app::Loop> loop_;
  std::list<Wait*> waits_;
  bool queued_ = false;
  bool ended_ = false;
  bool frozen_ = false;
  std::optional<World::Place> thaw_;
  Nanos thawed_at_{0};
  std::uint64_t steps_left_ = 0;  // 0: no crash is planned
  std::function<void()> crashed_;
};

// Where one coroutine waits for the world. Lives in the coroutine's frame.
class Wait {
 public:
  explicit Wait(Process& process);
  ~Wait();
  Wait(Wait const&) = delete;

  boost::asio::awaitable<void> wait();  // returns at once where resume() came before
  void resume();

 private:
  friend class Process;
  struct Parked {
    virtual ~Parked() = default;
    virtual void post() = 0;
  };
  template <class Handler>
  struct ParkedHandler;

  Process& process_;
  std::list<Wait*>::iterator self_;
  std::unique_ptr<Parked> parked_;
  bool resumed_ = false;
};

}  // namespace simulation
