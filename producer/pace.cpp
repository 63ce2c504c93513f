#include "producer/pace.hpp"

#include <algorithm>
#include <cmath>

namespace producer {

using namespace std::chrono_literals;

Pace measure_pace(Run const& run, std::vector<Lane> const& lanes, std::uint64_t started) {
  Pace pace;
  if (!run.arrivals) return pace;
  if (run.deadline != base::Steady::max()) {
    auto const due = std::min(run.arrivals->due_by(run.deadline - run.start - 1ns), run.end);
    pace.not_sent = due > started ? due - started : 0;
  }
  base::Steady last = run.start;
  for (auto const& lane : lanes) last = std::max(last, lane.sender->last_start());
  auto const planned = run.arrivals->due(started > 0 ? started - 1 : 0);
  double const took = std::chrono::duration<double>(last - run.start).count();
  if (!planned || started < 2 || took <= 0) return pace;
  double const wanted = std::chrono::duration<double>(*planned).count();
  pace.asked = static_cast<double>(started - 1) / wanted;
  // A moment late at the very end is no lower rate.
  pace.reached = static_cast<double>(started - 1) / (std::abs(took - wanted) < 0.05 ? wanted : took);
  return pace;
}

}  // namespace producer
