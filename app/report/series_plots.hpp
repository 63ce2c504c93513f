#pragma once

#include "app/report/plot.hpp"
#include "app/series.hpp"

namespace app {

// Plots of the columns of a series, without rows that span less than a fifth of a second.
class SeriesPlots {
 public:
  explicit SeriesPlots(Series const& series);
  // Of a file that a series was streamed to; of a long one every second, fourth, … row. invalid: a sentence
  // that names the file and the line.
  static base::Result<SeriesPlots> load(std::string const& path);

  // Counts, as numbers a second. A gauge that already is a rate, "asked", is drawn as it is.
  Plot rates(std::string id, std::string title, std::vector<std::string> const& columns) const;
  Plot values(std::string id, std::string title, std::vector<std::string> const& columns) const;
  // The quantiles of a duration, on a logarithmic scale.
  Plot durations(std::string id, std::string title, std::string const& name) const;

  // The columns whose names begin so and that are not all zero.
  std::vector<std::string> beginning_with(std::string_view prefix) const;
  // Every plot that its columns allow, with ids and titles that begin so.
  std::vector<Plot> all(std::string const& id, std::string const& title) const;

 private:
  SeriesPlots() = default;
  bool has(std::string_view column) const;
  void drop_moments();
  Plot plot(std::string id, std::string title, std::vector<std::string> const& columns, bool by_second) const;
  std::vector<double> values_of(std::string_view column) const;

  std::vector<std::string> names_;
  std::vector<Series::Row> rows_;
};

}  // namespace app
