#pragma once

#include <cstdint>

#include "base/clock.hpp"

namespace producer {

// An open-loop schedule at a constant rate: message k of lane `lane` of `lanes` is due at a moment that
// follows from its number alone, so pacing never drifts and lateness is never forgiven.
class Schedule {
 public:
  // `rate` in messages a second over all lanes, greater than 0.
  Schedule(base::Steady start, double rate, std::uint64_t lane, std::uint64_t lanes)
      : start_(start), rate_(rate), lane_(lane), lanes_(lanes) {}

  base::Steady due(std::uint64_t index) const;
  // How many messages of this lane, from `index` on, are due at `now`.
  std::uint64_t due_by(base::Steady now, std::uint64_t index) const;

 private:
  base::Steady start_;
  double rate_;
  std::uint64_t lane_;
  std::uint64_t lanes_;
};

}  // namespace producer
