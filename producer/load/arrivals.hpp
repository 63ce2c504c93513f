#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace producer {

// When the messages of a run are due, as time since its start: a function of the message's number alone, so
// that pacing never drifts and lateness is never forgiven. Nothing here changes once the run has begun.
class Arrivals {
 public:
  virtual ~Arrivals() = default;
  // When message `index`, counted from 0, is due; empty where the schedule ends before it.
  virtual std::optional<std::chrono::nanoseconds> due(std::uint64_t index) const = 0;
  // How many messages are due at `elapsed` or before.
  virtual std::uint64_t due_by(std::chrono::nanoseconds elapsed) const = 0;
  // Messages a second asked for at `elapsed`; 0 before the start and after the end.
  virtual double rate(std::chrono::nanoseconds elapsed) const = 0;
  // Empty where it never ends.
  virtual std::optional<std::chrono::nanoseconds> length() const = 0;
};

}  // namespace producer
