#include "app/seeing.hpp"

namespace app {

using base::Errc;
using base::Error;
using base::Result;

void Seeing::add_to(Command& command, std::string const& what) {
  command.heading("What to see");
  command.text("report", "FILE", report, "one HTML page with plots of " + what);
  command.text("series", "FILE", series, "one JSON object a line for each second of the run");
  command.flag("live", live, "a block of figures at the foot of the terminal, where stderr is one [true]");
}

Result<void> Seeing::reserve(Command const& command, std::string const& title, Series& series_of_run) const {
  if (!series.empty())
    if (auto const made = series_of_run.stream_to(series); !made)
      return Error(Errc::invalid, command.origin("series") + ": " + made.error().message);
  if (!report.empty())
    if (auto const made = reserve_page(report, title); !made)
      return Error(Errc::invalid, command.origin("report") + ": " + made.error().message);
  return {};
}

bool Seeing::write(Series const& series_of_run, std::function<Page()> const& page, base::Log& log) const {
  bool written = true;
  if (auto const failure = series_of_run.failure()) {
    log.write(base::Level::error, series + " is not complete: " + *failure);
    written = false;
  }
  if (report.empty()) return written;
  auto const made = write_page(report, page());
  if (!made) log.write(base::Level::error, made.error().message);
  return written && made;
}

}  // namespace app
