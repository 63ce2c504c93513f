#pragma once

#include <string>
#include <vector>

#include "app/report/page.hpp"
#include "app/report/series_plots.hpp"
#include "producer/audit.hpp"
#include "producer/row_times.hpp"

namespace producer {

// A series that somebody wrote, to be drawn beside what the audit found.
struct Beside {
  std::string name;  // of its file
  app::SeriesPlots plots;
};

app::Page audit_page(std::string const& run, std::string const& table, Findings const& found,
                     RowTimes const& times, std::vector<Beside> const& beside);

}  // namespace producer
