#include "producer/audit_page.hpp"

#include "app/summary.hpp"

namespace producer {

app::Page audit_page(std::string const& run, std::string const& table, Findings const& found,
                     RowTimes const& times, std::vector<Beside> const& beside) {
  app::Page page;
  page.title = "Audit of run " + run + " in " + table;
  page.facts = {{"verdict", found.clean() ? "clean" : "NOT CLEAN"},
                {"found", app::grouped(found.found) + " of " + app::grouped(found.expected) + " messages"},
                {"missing", app::grouped(found.missing)},
                {"dead letters", app::grouped(found.dead_lettered)},
                {"duplicated", app::grouped(found.duplicated)},
                {"corrupt", app::grouped(found.corrupt)},
                {"unexpected", app::grouped(found.unexpected)},
                {"end to end",
                 app::quantiles_text(found.end_to_end) + " from when produced to when its row was written"}};
  app::Series series(RowTimes::shape(), 1);
  times.fill(series);
  app::SeriesPlots const plots(series);
  page.plots.push_back(plots.rates("rows", "Messages a second that were produced, and that became rows",
                                   {"produced", "persisted"}));
  page.plots.push_back(
      plots.durations("end-to-end", "End to end in ms, by when the row was written", "end_to_end_ms"));
  page.plots.push_back(plots.values("waiting", "Messages produced that were no rows yet", {"waiting"}));
  for (std::size_t i = 0; i < beside.size(); ++i)
    for (auto& plot : beside[i].plots.all("with-" + std::to_string(i) + '-', beside[i].name + ": "))
      page.plots.push_back(std::move(plot));
  return page;
}

}  // namespace producer
