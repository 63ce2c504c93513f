#include "app/report/series_plots.hpp"

#include <algorithm>

namespace app {

SeriesPlots::SeriesPlots(Series const& series) : names_(series.columns()), rows_(series.rows()) {
  drop_moments();
}

// What is left after the last whole second may span a moment, whose rate says nothing.
void SeriesPlots::drop_moments() {
  auto const at =
      static_cast<std::size_t>(std::find(names_.begin(), names_.end(), "seconds") - names_.begin());
  std::erase_if(rows_, [at](Series::Row const& row) { return row.at(at) < 0.2; });
}

bool SeriesPlots::has(std::string_view column) const {
  return std::find(names_.begin(), names_.end(), column) != names_.end();
}

std::vector<double> SeriesPlots::values_of(std::string_view column) const {
  auto const at = static_cast<std::size_t>(std::find(names_.begin(), names_.end(), column) - names_.begin());
  std::vector<double> values;
  values.reserve(rows_.size());
  for (auto const& row : rows_) values.push_back(row.at(at));
  return values;
}

Plot SeriesPlots::plot(std::string id, std::string title, std::vector<std::string> const& columns,
                       bool by_second) const {
  Plot made;
  made.id = std::move(id);
  made.title = std::move(title);
  made.times = values_of("t");
  auto const seconds = values_of("seconds");
  for (auto const& name : columns) {
    Plot::Line line{name.substr(name.find('.') + 1), values_of(name)};
    if (by_second && name != "asked")
      for (std::size_t i = 0; i < seconds.size(); ++i)
        if (seconds[i] > 0) line.values[i] /= seconds[i];
    made.lines.push_back(std::move(line));
  }
  return made;
}

Plot SeriesPlots::rates(std::string id, std::string title, std::vector<std::string> const& columns) const {
  return plot(std::move(id), std::move(title), columns, true);
}

Plot SeriesPlots::values(std::string id, std::string title, std::vector<std::string> const& columns) const {
  return plot(std::move(id), std::move(title), columns, false);
}

Plot SeriesPlots::durations(std::string id, std::string title, std::string const& name) const {
  auto made = plot(std::move(id), std::move(title),
                   {name + ".p50", name + ".p90", name + ".p99", name + ".max"}, false);
  made.logarithmic = true;
  return made;
}

std::vector<std::string> SeriesPlots::beginning_with(std::string_view prefix) const {
  std::vector<std::string> found;
  for (auto const& name : names_) {
    if (!name.starts_with(prefix)) continue;
    auto const values = values_of(name);
    if (std::any_of(values.begin(), values.end(), [](double value) { return value > 0; }))
      found.push_back(name);
  }
  return found;
}

}  // namespace app
