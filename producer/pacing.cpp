#include "producer/pacing.hpp"

namespace producer {

base::Steady Schedule::due(std::uint64_t index) const {
  double const position = static_cast<double>(index * lanes_ + lane_);
  return start_ +
         std::chrono::duration_cast<base::Steady::duration>(std::chrono::duration<double>(position / rate_));
}

std::uint64_t Schedule::due_by(base::Steady now, std::uint64_t index) const {
  if (now < due(index)) return 0;
  double const elapsed = std::chrono::duration<double>(now - start_).count();
  auto const position = static_cast<std::uint64_t>(elapsed * rate_);
  auto last = position >= lane_ ? (position - lane_) / lanes_ : 0;
  // Rounding may be off by one to either side; due() decides.
  while (last > index && due(last) > now) --last;
  return last >= index ? last - index + 1 : 1;
}

}  // namespace producer
