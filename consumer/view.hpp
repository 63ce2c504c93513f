#pragma once

#include <string>
#include <vector>

#include "app/addresses.hpp"
#include "app/report/page.hpp"
#include "app/series.hpp"
#include "consumer/counts.hpp"

namespace consumer {

// The columns of a consumer's series: counts, errors by kind, held and depth, process_ms and end_to_end_ms.
app::Series::Shape run_shape();
// What a lane did between two looks at its counts, and has at the second.
app::Series::Part part_of(Counts const& now, Counts const& before, std::size_t held, double depth);

// The block of lines that a terminal shows while a consumer works; empty before the first row.
std::vector<std::string> live_block(app::Addresses const& where, app::Series const& series);

app::Page run_page(app::Addresses const& where, Counts const& counts, double seconds,
                   app::Series const& series);

}  // namespace consumer
