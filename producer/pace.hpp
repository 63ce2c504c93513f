#pragma once

#include <vector>

#include "producer/lanes.hpp"

namespace producer {

// What the schedule wanted until the last message was started, and what was.
struct Pace {
  double asked = 0;            // messages a second; 0: as fast as possible
  double reached = 0;          // messages a second that were started
  std::uint64_t not_sent = 0;  // due before the end, and never started
  bool kept() const { return asked == 0 || (reached >= asked * 0.995 && not_sent == 0); }
};

// Of a run whose senders have ended, after `started` messages in all.
Pace measure_pace(Run const& run, std::vector<Lane> const& lanes, std::uint64_t started);

}  // namespace producer
