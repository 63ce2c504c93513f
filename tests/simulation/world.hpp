#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "simulation/chance.hpp"
#include "simulation/history.hpp"

namespace simulation {

using Nanos = std::chrono::nanoseconds;

class Process;

// Simulated time, and what is going to happen in it. It stands still while any process can run, and then goes
// on to the next event; events of one moment happen in the order in which they were planned.
class World {
 public:
  using Place = std::pair<Nanos, std::uint64_t>;

  World(std::uint64_t seed, std::ostream* trace) : history(trace), chance(seed) {}

  Nanos now() const { return now_; }
  base::System system() const { return epoch + now_; }
  static base::System system_at(Nanos when) { return epoch + when; }

  Place at(Nanos when, std::function<void()> action);
  Place after(Nanos delay, std::function<void()> action) { return at(now_ + delay, std::move(action)); }
  void cancel(Place const& place) { events_.erase(place); }
  void ready(Process& process) { ready_.push_back(&process); }
  void forget(Process& process);

  // One step; false where nothing is left to happen.
  bool step();
  // Stops the schedule: the first thing that must never be. Kept with the moment when it was seen.
  void violate(std::string what);
  std::string const& violation() const { return violation_; }

  void note(std::string_view what, int who, std::string_view detail = {}) {
    history.add(now_, what, who, detail);
  }

  History history;
  Chance chance;

 private:
  static constexpr base::System epoch{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}};

  Nanos now_{0};
  std::uint64_t next_ = 0;
  std::map<Place, std::function<void()>> events_;
  std::deque<Process*> ready_;
  std::string violation_;
};

}  // namespace simulation
