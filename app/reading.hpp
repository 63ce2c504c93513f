#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/series.hpp"

namespace app {

// Reads the newest row of a series, which must have one, by the names of its columns, and says it in words.
class Reading {
 public:
  explicit Reading(Series const& series) : series_(series), last_(*series.last()) {}

  double last(std::string_view name) const { return last_.at(series_.column(name)); }
  bool known(std::string_view name) const;  // whether it has a value
  double total(std::string_view name) const { return series_.total(name); }

  // "1,234" of the last row, or over all rows.
  std::string whole(std::string_view name) const;
  std::string whole_total(std::string_view name) const;
  // A count of the last row, as a number a second.
  std::string per_second(std::string_view name) const;
  // "p50 1.20 · p90 … ms" of the last row, or that there was none.
  std::string quantiles(std::string const& name) const;
  // The last half minute as a small chart.
  std::string line(std::string_view name) const;
  // Totals of the columns named errors.KIND that are not zero: "throttled 3 · transient 1".
  std::string errors() const;

 private:
  Series const& series_;
  Series::Row last_;
};

// A small chart of the values, the highest of them at full height; gaps for nan.
std::string sparkline(std::vector<double> const& values);
// 75 → "01:15", with hours where there are some.
std::string clock_of(double seconds);

}  // namespace app
