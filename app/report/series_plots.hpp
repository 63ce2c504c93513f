#pragma once

#include "app/report/plot.hpp"
#include "app/series.hpp"

namespace app {

// Plots of the columns of a series, without rows that span less than a fifth of a second.
class SeriesPlots {
 public:
  explicit SeriesPlots(Series const& series);

  // Counts, as numbers a second. A gauge that already is a rate, "asked", is drawn as it is.
  Plot rates(std::string id, std::string title, std::vector<std::string> const& columns) const;
  Plot values(std::string id, std::string title, std::vector<std::string> const& columns) const;
  // The quantiles of a duration, on a logarithmic scale.
  Plot durations(std::string id, std::string title, std::string const& name) const;

  // The columns whose names begin so and that are not all zero.
  std::vector<std::string> beginning_with(std::string_view prefix) const;

 private:
  Plot plot(std::string id, std::string title, std::vector<std::string> const& columns, bool by_second) const;
  std::vector<double> values_of(std::string_view column) const;

  std::vector<std::string> names_;
  std::vector<Series::Row> rows_;
};

}  // namespace app
