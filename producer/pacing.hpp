#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "producer/load/arrivals.hpp"

namespace producer {

// One lane's share of a run's arrivals: of the messages of `lanes` lanes, every `lanes`-th from `lane` on.
class Schedule {
 public:
  Schedule(base::Steady start, Arrivals const& arrivals, std::uint64_t lane, std::uint64_t lanes)
      : start_(start), arrivals_(arrivals), lane_(lane), lanes_(lanes) {}

  // When this lane's message `index` is due; empty where the schedule ends before it.
  std::optional<base::Steady> due(std::uint64_t index) const;
  // How many messages of this lane, from `index` on, are due at `now`.
  std::uint64_t due_by(base::Steady now, std::uint64_t index) const;

 private:
  base::Steady start_;
  Arrivals const& arrivals_;
  std::uint64_t lane_;
  std::uint64_t lanes_;
};

}  // namespace producer
