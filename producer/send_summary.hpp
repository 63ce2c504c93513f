#pragma once

#include "app/common.hpp"
#include "app/report/page.hpp"
#include "app/series.hpp"
#include "producer/find_max.hpp"
#include "producer/pace.hpp"
#include "producer/sender.hpp"

namespace producer {

// How a run went, for its summary and its page.
struct Outcomes : Pace {
  std::string queue;
  Counts counts;
  double seconds = 0;
  std::optional<Found> found;  // by a search for the highest rate
  bool kept_pace() const { return kept(); }
};

void print_summary(app::Common const& common, Run const& run, Outcomes const& outcomes);
// What to tell somebody whose schedule was not kept: by how much, and why.
std::string pace_complaint(Run const& run, Outcomes const& outcomes);
app::Page send_page(Run const& run, Outcomes const& outcomes, app::Series const& series);

}  // namespace producer
