#include "consumer/view.hpp"

#include "app/reading.hpp"
#include "app/report/series_plots.hpp"
#include "app/summary.hpp"

namespace consumer {

namespace {

double difference(std::uint64_t now, std::uint64_t before) { return static_cast<double>(now - before); }

std::string failures(Counts const& counts) {
  std::string text = app::grouped(counts.failed) + " attempts";
  for (std::size_t i = 0; i < counts.errors.size(); ++i)
    if (counts.errors[i] > 0)
      text += ", calls " + std::string(base::to_string(static_cast<base::Errc>(i))) + ' ' +
              app::grouped(counts.errors[i]);
  return text;
}

}  // namespace

app::Series::Shape run_shape() {
  app::Series::Shape shape;
  shape.counts = {"received",  "processed",     "persisted",  "acknowledged",
                  "abandoned", "dead_lettered", "lease_lost", "failed"};
  for (auto& name : app::error_columns()) shape.counts.push_back(std::move(name));
  shape.gauges = {"held", "depth"};
  shape.times = {"process_ms", "end_to_end_ms"};
  return shape;
}

app::Series::Part part_of(Counts const& now, Counts const& before, std::size_t held, double depth) {
  app::Series::Part part;
  part.counts = {
      difference(now.received, before.received),     difference(now.processed, before.processed),
      difference(now.persisted, before.persisted),   difference(now.acknowledged, before.acknowledged),
      difference(now.abandoned, before.abandoned),   difference(now.dead_lettered, before.dead_lettered),
      difference(now.lease_lost, before.lease_lost), difference(now.failed, before.failed)};
  for (std::size_t i = 0; i < now.errors.size(); ++i)
    part.counts.push_back(difference(now.errors[i], before.errors[i]));
  part.gauges = {static_cast<double>(held), depth};
  part.times = {now.process.since(before.process), now.end_to_end.since(before.end_to_end)};
  return part;
}

std::vector<std::string> live_block(app::Addresses const& where, app::Series const& series) {
  if (!series.last()) return {};
  app::Reading const reading(series);
  std::string done = reading.whole_total("acknowledged") + " rows   held " + reading.whole("held");
  for (auto const& [name, word] :
       {std::pair("failed", "failed"), std::pair("abandoned", "handed back"),
        std::pair("dead_lettered", "dead letters"), std::pair("lease_lost", "leases lost")})
    if (reading.total(name) > 0) done += std::string("   ") + word + ' ' + reading.whole_total(name);
  std::vector<std::string> lines{
      where.queue + " → " + where.table + "   " + app::clock_of(reading.last("t")),
      "rate        " + reading.per_second("acknowledged") + "/s   " + reading.line("acknowledged"),
      "done        " + done,
  };
  if (reading.known("process_ms.max"))
    lines.push_back("process     " + reading.quantiles("process_ms") + "   " +
                    reading.line("process_ms.p99"));
  lines.push_back("end to end  " + reading.quantiles("end_to_end_ms") + "   " +
                  reading.line("end_to_end_ms.p99"));
  if (reading.known("depth"))
    lines.push_back("depth       " + reading.whole("depth") + "   " + reading.line("depth"));
  if (auto const kinds = reading.errors(); !kinds.empty()) lines.push_back("errors      " + kinds);
  return lines;
}

app::Page run_page(app::Addresses const& where, Counts const& counts, double seconds,
                   app::Series const& series) {
  app::Page page;
  page.title = "Consumed from " + where.queue;
  double const rate = seconds > 0 ? static_cast<double>(counts.acknowledged) / seconds : 0;
  page.facts = {{"rows", app::grouped(counts.acknowledged) + " of " + app::grouped(counts.received) +
                             " messages received, in " + where.table},
                {"rate", app::rounded(rate) + " a second, for " + app::rounded(seconds) + " s"},
                {"failed", failures(counts)},
                {"given up", "handed back " + app::grouped(counts.abandoned) + ", dead-lettered " +
                                 app::grouped(counts.dead_lettered) + ", leases lost " +
                                 app::grouped(counts.lease_lost)},
                {"process", app::quantiles_text(counts.process) + " of work on one message"},
                {"end to end",
                 app::quantiles_text(counts.end_to_end) + " from when produced to when its row was written"}};
  app::SeriesPlots const plots(series);
  page.plots.push_back(plots.rates("rate", "Messages a second", {"received", "persisted", "acknowledged"}));
  page.plots.push_back(plots.durations(
      "end-to-end", "End to end in ms, from when produced to when its row was written", "end_to_end_ms"));
  page.plots.push_back(plots.durations("process", "Work on one message in ms", "process_ms"));
  page.plots.push_back(plots.values("depth", "Messages in the queue", {"depth"}));
  page.plots.push_back(plots.values("held", "Messages held", {"held"}));
  page.plots.push_back(plots.rates("not-done", "Messages a second that did not become rows",
                                   {"failed", "abandoned", "dead_lettered", "lease_lost"}));
  page.plots.push_back(
      plots.rates("errors", "Calls a second that failed, by kind", plots.beginning_with("errors.")));
  return page;
}

}  // namespace consumer
