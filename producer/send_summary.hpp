#pragma once

#include "app/common.hpp"
#include "app/report/page.hpp"
#include "app/series.hpp"
#include "producer/sender.hpp"

namespace producer {

// How a run went, for its summary and its page.
struct Outcomes {
  std::string queue;
  Counts counts;
  double seconds = 0;
  double asked =
      0;  // messages a second that the schedule wanted until its last start; 0: as fast as possible
  double reached = 0;          // messages a second that were started
  std::uint64_t not_sent = 0;  // due before the end, and never started
  bool kept_pace() const { return asked == 0 || (reached >= asked * 0.995 && not_sent == 0); }
};

void print_summary(app::Common const& common, Run const& run, Outcomes const& outcomes);
// What to tell somebody whose schedule was not kept: by how much, and why.
std::string pace_complaint(Run const& run, Outcomes const& outcomes);
app::Page send_page(Run const& run, Outcomes const& outcomes, app::Series const& series);

}  // namespace producer
