#include "app/series.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <system_error>

#include "app/summary.hpp"

namespace app {

namespace {

void append_quantiles(Series::Row& row, Histogram const& histogram) {
  for (auto const& each : told_quantiles)
    row.push_back(histogram.count() == 0
                      ? std::numeric_limits<double>::quiet_NaN()
                      : static_cast<double>(histogram.quantile(each.share).count()) / 1000);
}

void add_all(std::vector<double>& sum, std::vector<double> const& more) {
  sum.resize(more.size());
  for (std::size_t i = 0; i < more.size(); ++i) sum[i] += more[i];
}

}  // namespace

Series::Series(Shape shape, std::size_t lanes) : shape_(std::move(shape)), added_(lanes, 0) {
  columns_ = {"t", "seconds"};
  columns_.insert(columns_.end(), shape_.counts.begin(), shape_.counts.end());
  columns_.insert(columns_.end(), shape_.gauges.begin(), shape_.gauges.end());
  for (auto const& name : shape_.times)
    for (auto const& each : told_quantiles) columns_.push_back(name + '.' + each.name);
}

base::Result<void> Series::stream_to(std::string const& path) {
  file_.reset(std::fopen(path.c_str(), "we"));
  if (!file_)
    return base::Error(base::Errc::invalid,
                       path + " can't be written: " + std::generic_category().message(errno));
  return {};
}

std::optional<std::string> Series::failure() const {
  std::scoped_lock const lock(mutex_);
  return failure_;
}

std::size_t Series::column(std::string_view name) const {
  return static_cast<std::size_t>(std::find(columns_.begin(), columns_.end(), name) - columns_.begin());
}

void Series::add(std::size_t lane, double t, Part part) {
  std::scoped_lock const lock(mutex_);
  auto const at = added_.at(lane)++ - whole_;
  if (open_.size() <= at) open_.resize(at + 1);
  auto& open = open_[at];
  open.t = std::max(open.t, t);
  add_all(open.sum.counts, part.counts);
  add_all(open.sum.gauges, part.gauges);
  open.sum.times.resize(part.times.size());
  for (std::size_t i = 0; i < part.times.size(); ++i) open.sum.times[i].merge(part.times[i]);
  settle();
}

void Series::leave(std::size_t lane) {
  std::scoped_lock const lock(mutex_);
  added_.at(lane) = std::numeric_limits<std::size_t>::max();
  settle();
}

void Series::rejoin() {
  std::scoped_lock const lock(mutex_);
  std::fill(added_.begin(), added_.end(), whole_);
}

void Series::settle() {
  auto const least = *std::min_element(added_.begin(), added_.end());
  while (!open_.empty() && whole_ < least) {
    finish(open_.front());
    open_.pop_front();
    ++whole_;
  }
}

void Series::finish(Open const& open) {
  // Between two stretches of a run nothing may have been counted in no time.
  auto const& counts = open.sum.counts;
  if (open.t - before_ < 0.001 && std::all_of(counts.begin(), counts.end(), [](double c) { return c == 0; }))
    return;
  Row row{round_to(open.t, 3), round_to(open.t - before_, 3)};
  before_ = open.t;
  row.insert(row.end(), open.sum.counts.begin(), open.sum.counts.end());
  row.insert(row.end(), open.sum.gauges.begin(), open.sum.gauges.end());
  for (auto const& histogram : open.sum.times) append_quantiles(row, histogram);
  if (file_ && !failure_) {
    auto const line = series_line(columns_, row) + '\n';
    if (std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size() || std::fflush(file_.get()) != 0)
      failure_ = std::generic_category().message(errno);
  }
  add_all(totals_, row);
  last_ = row;
  if (whole_ % stride_ == 0) rows_.push_back(std::move(row));
  if (rows_.size() <= most_rows) return;
  // A page shows no more than this anyway; the file has every row.
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows_.size(); i += 2) rows_[kept++] = std::move(rows_[i]);
  rows_.resize(kept);
  stride_ *= 2;
}

std::vector<Series::Row> Series::rows() const {
  std::scoped_lock const lock(mutex_);
  return rows_;
}

std::optional<Series::Row> Series::last() const {
  std::scoped_lock const lock(mutex_);
  return last_;
}

std::vector<double> Series::recent(std::string_view name, std::size_t most) const {
  std::scoped_lock const lock(mutex_);
  auto const at = column(name);
  std::vector<double> values;
  for (auto i = rows_.size() - std::min(most, rows_.size()); i < rows_.size(); ++i)
    values.push_back(rows_[i].at(at));
  return values;
}

double Series::total(std::string_view name) const {
  std::scoped_lock const lock(mutex_);
  return totals_.empty() ? 0 : totals_.at(column(name));
}

std::string series_line(std::vector<std::string> const& columns, Series::Row const& row) {
  nlohmann::ordered_json json;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    auto const& name = columns[i];
    auto const dot = name.find('.');
    auto& place = dot == name.npos ? json[name] : json[name.substr(0, dot)][name.substr(dot + 1)];
    if (std::isnan(row[i]))
      place = nullptr;
    else if (row[i] == std::floor(row[i]) && std::abs(row[i]) < 1e15)
      place = static_cast<std::int64_t>(row[i]);
    else
      place = row[i];
  }
  return json.dump();
}

}  // namespace app
