#include "producer/send_summary.hpp"

#include <nlohmann/json.hpp>

#include "app/report/series_plots.hpp"
#include "app/summary.hpp"

namespace producer {

namespace {

std::string failures(Counts const& counts) {
  std::string text = app::grouped(counts.failed) + ", unknown whether sent " + app::grouped(counts.unknown);
  for (std::size_t i = 0; i < counts.errors.size(); ++i)
    if (counts.errors[i] > 0)
      text += ", " + std::string(base::to_string(static_cast<base::Errc>(i))) + ' ' +
              app::grouped(counts.errors[i]);
  return text;
}

double rate_of(Outcomes const& outcomes) {
  return outcomes.seconds > 0 ? static_cast<double>(outcomes.counts.sent) / outcomes.seconds : 0;
}

double millis_of(Step const& step) { return static_cast<double>(step.latency.quantile(0.99).count()) / 1000; }

nlohmann::ordered_json found_json(Found const& found);

void print_json(Run const& run, Outcomes const& outcomes) {
  auto const& counts = outcomes.counts;
  nlohmann::ordered_json json;
  json["run"] = run.id;
  json["queue"] = outcomes.queue;
  if (run.share.instances > 1) {
    json["instances"] = run.share.instances;
    json["instance"] = run.share.remainder;
  }
  json["sent"] = counts.sent;
  json["failed"] = counts.failed;
  json["unknown"] = counts.unknown;
  json["seconds"] = app::round_to(outcomes.seconds, 3);
  json["rate"] = app::round_to(rate_of(outcomes), 1);
  json["latency_ms"] = app::quantiles_json(counts.latency);
  json["service_ms"] = app::quantiles_json(counts.service);
  if (run.share.instances > 1) {  // for producer merge
    json["latency_histogram"] = app::histogram_json(counts.latency);
    json["service_histogram"] = app::histogram_json(counts.service);
  }
  if (run.arrivals) {
    json["asked_rate"] = app::round_to(outcomes.asked, 2);
    json["reached_rate"] = app::round_to(outcomes.reached, 2);
    json["not_sent"] = outcomes.not_sent;
    json["held_back"] = counts.held_back;
  }
  if (outcomes.found) json["find_max"] = found_json(*outcomes.found);
  app::print(json.dump() + '\n');
}

nlohmann::ordered_json found_json(Found const& found) {
  nlohmann::ordered_json json;
  auto const* const best = found.best();
  json["rate"] = app::round_to(found.rate, 2);
  json["confirmed"] = found.confirmed;
  json["limit"] = found.limit;
  json["latency_ms"] = app::quantiles_json(best != nullptr ? best->latency : app::Histogram());
  auto& steps = json["steps"] = nlohmann::ordered_json::array();
  for (auto const& step : found.steps) {
    nlohmann::ordered_json each;
    each["rate"] = app::round_to(step.rate, 2);
    each["seconds"] = app::round_to(step.seconds, 3);
    each["confirming"] = step.confirming;
    each["reached_rate"] = app::round_to(step.reached, 2);
    each["sent"] = step.sent;
    each["failed"] = step.failed;
    each["p99_ms"] = app::quantiles_json(step.latency)["p99"];
    each["backlog"] = step.backlog ? nlohmann::ordered_json(*step.backlog) : nlohmann::ordered_json();
    each["limit"] = step.limit;
    steps.push_back(std::move(each));
  }
  return json;
}

std::string found_text(Found const& found) {
  if (found.rate == 0) return "no rate stayed under the bounds";
  std::string text = app::rounded(found.rate) + " a second, ";
  if (auto const* const best = found.best()) text += "p99 " + app::rounded(millis_of(*best)) + " ms, ";
  text += found.confirmed ? "confirmed" : "not confirmed: the search was ended before";
  for (auto const& step : found.steps)
    if (step.rate > found.rate && step.limit == found.limit)
      return text + "; at " + app::rounded(step.rate) + " it was " + step.why;
  return found.limit == "to" ? text + "; higher ones were not asked for" : text;
}

app::Table steps_table(Found const& found) {
  app::Table table{"steps", "Rates tried", {"a second", "for", "p99", "backlog", "what came of it"}, {}};
  for (auto const& step : found.steps)
    table.rows.push_back({app::rounded(step.rate), app::rounded(step.seconds) + " s",
                          app::rounded(millis_of(step)) + " ms",
                          step.backlog ? app::grouped(*step.backlog) : "",
                          !step.kept()      ? "too much: " + step.why
                          : step.confirming ? "confirmed"
                                            : "kept"});
  return table;
}

}  // namespace

void print_summary(app::Common const& common, Run const& run, Outcomes const& outcomes) {
  auto const& counts = outcomes.counts;
  if (common.output == app::Output::json) return print_json(run, outcomes);
  std::string text = "sent      " + app::grouped(counts.sent) + " messages of run " + run.id + " to " +
                     outcomes.queue + " in " + app::rounded(outcomes.seconds) + " s, " +
                     app::rounded(rate_of(outcomes)) + " a second\n";
  if (counts.failed + counts.unknown > 0) text += "failed    " + failures(counts) + '\n';
  if (run.arrivals)
    text += "pace      " + app::rounded(outcomes.reached) + " a second of " + app::rounded(outcomes.asked) +
            " asked\n";
  if (outcomes.found) {
    text += "highest   " + found_text(*outcomes.found) + '\n';
    for (auto const& step : outcomes.found->steps) text += "  tried   " + step.text() + '\n';
  }
  text += "latency   " + app::quantiles_text(counts.latency) + "  (from when a message was due)\n";
  text += "service   " + app::quantiles_text(counts.service) + "  (from when it was sent)\n";
  if (run.options.manifest != "none") text += "manifest  " + run.options.manifest + '\n';
  if (!run.options.seeing.series.empty()) text += "series    " + run.options.seeing.series + '\n';
  if (!run.options.seeing.report.empty()) text += "report    " + run.options.seeing.report + '\n';
  text += "next      consumer --drain, then producer audit --run " + run.id + '\n';
  app::print(text);
}

std::string pace_complaint(Run const& run, Outcomes const& outcomes) {
  std::string text = "the rate asked for was not reached: " + app::rounded(outcomes.reached) +
                     " messages a second of " + app::rounded(outcomes.asked);
  if (outcomes.not_sent > 0) text += ", " + app::grouped(outcomes.not_sent) + " that were due were not sent";
  if (outcomes.counts.held_back > 0)
    return text + "; " + app::grouped(outcomes.counts.held_back) + " had to wait because " +
           app::grouped(run.options.concurrency) +
           " were in flight already: give a higher --concurrency, or the service is slower than this rate";
  return text + "; never were all " + app::grouped(run.options.concurrency) +
         " in flight, so this machine was the limit: give --threads, or send from several machines";
}

app::Page send_page(Run const& run, Outcomes const& outcomes, app::Series const& series) {
  auto const& counts = outcomes.counts;
  app::Page page;
  page.title = "Run " + run.id + ", sent to " + outcomes.queue;
  page.facts = {{"sent", app::grouped(counts.sent) + " messages in " + app::rounded(outcomes.seconds) +
                             " s, " + app::rounded(rate_of(outcomes)) + " a second"},
                {"failed", failures(counts)},
                {"latency", app::quantiles_text(counts.latency) + " from when a message was due"},
                {"service", app::quantiles_text(counts.service) + " from when it was sent"}};
  if (run.arrivals) {
    page.facts.emplace_back(
        "pace", app::rounded(outcomes.reached) + " a second of " + app::rounded(outcomes.asked) + " asked");
    if (!outcomes.kept_pace()) page.facts.emplace_back("not kept", pace_complaint(run, outcomes));
  }
  if (outcomes.found) {
    page.facts.emplace(page.facts.begin(), "highest rate", found_text(*outcomes.found));
    page.tables.push_back(steps_table(*outcomes.found));
  }
  app::SeriesPlots plots(series);
  page.plots.push_back(plots.rates("rate", "Messages a second", {"asked", "started", "sent"}));
  page.plots.push_back(
      plots.durations("latency", "Latency in ms, from when a message was due", "latency_ms"));
  page.plots.push_back(plots.durations("service", "Service time in ms, from when it was sent", "service_ms"));
  page.plots.push_back(plots.values("depth", "Messages in the queue", {"depth"}));
  page.plots.push_back(plots.values("in-flight", "Messages in flight", {"in_flight"}));
  page.plots.push_back(plots.rates("errors", "Failures a second, by kind", plots.beginning_with("errors.")));
  return page;
}

}  // namespace producer
