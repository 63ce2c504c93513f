#include "simulation/world.hpp"

#include <algorithm>

#include "simulation/process.hpp"

namespace simulation {

World::Place World::at(Nanos when, std::function<void()> action) {
  Place const place(std::max(when, now_), next_++);
  events_.emplace(place, std::move(action));
  return place;
}

void World::forget(Process& process) {
  ready_.erase(std::remove(ready_.begin(), ready_.end(), &process), ready_.end());
}

bool World::step() {
  if (!ready_.empty()) {
    auto* const process = ready_.front();
    ready_.pop_front();
    process->run();
    return true;
  }
  if (events_.empty()) return false;
  auto first = events_.extract(events_.begin());
  now_ = first.key().first;
  first.mapped()();
  return true;
}

void World::violate(std::string what) {
  note("VIOLATION", -1, what);
  if (violation_.empty()) violation_ = std::move(what);
}

}  // namespace simulation
