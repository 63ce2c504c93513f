#pragma once

#include <functional>
#include <string>

#include "app/options.hpp"
#include "app/report/page.hpp"
#include "app/series.hpp"
#include "base/log.hpp"

namespace app {

// How to see a run, while it goes on and afterwards: the options --report, --series and --live.
struct Seeing {
  std::string report;  // a page with plots; empty: none
  std::string series;  // a line for each second; empty: none
  bool live = true;    // a block of figures where stderr is a terminal

  void add_to(Command& command, std::string const& what);

  // Makes both files before the run begins. invalid: one can't be made; the sentence names the option.
  base::Result<void> reserve(Command const& command, std::string const& title, Series& series_of_run) const;
  // Whether all that was asked for is on disk; what is not, is logged. `page` is made where one is wanted.
  bool write(Series const& series_of_run, std::function<Page()> const& page, base::Log& log) const;
};

}  // namespace app
