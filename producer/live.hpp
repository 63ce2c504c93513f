#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/series.hpp"

namespace producer {

// What the live block says besides the series.
struct Headline {
  std::string run;
  std::string queue;
  std::optional<std::uint64_t> count;  // of messages in all
  std::optional<double> seconds;       // of the whole run
};

// The block of lines that a terminal shows while a run goes on; empty before the first row.
std::vector<std::string> live_block(Headline const& headline, app::Series const& series);
// The same in one line, for logs.
std::string progress_line(Headline const& headline, app::Series const& series);

}  // namespace producer
