#include "producer/pacing.hpp"

namespace producer {

std::optional<base::Steady> Schedule::due(std::uint64_t index) const {
  auto const elapsed = arrivals_.due(index * lanes_ + lane_);
  if (!elapsed) return std::nullopt;
  return start_ + std::chrono::duration_cast<base::Steady::duration>(*elapsed);
}

std::uint64_t Schedule::due_by(base::Steady now, std::uint64_t index) const {
  auto const all = arrivals_.due_by(now - start_);
  auto const mine = all > lane_ ? (all - lane_ - 1) / lanes_ + 1 : 0;
  return mine > index ? mine - index : 0;
}

}  // namespace producer
