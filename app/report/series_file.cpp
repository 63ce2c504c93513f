#include <algorithm>
#include <cerrno>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <system_error>

#include "app/report/series_plots.hpp"

namespace app {

using base::Errc;
using base::Error;
using base::Result;
using Json = nlohmann::ordered_json;

namespace {

void names_of(Json const& object, std::string const& prefix, std::vector<std::string>& names) {
  for (auto const& [name, value] : object.items()) {
    if (value.is_object())
      names_of(value, prefix + name + '.', names);
    else if (value.is_number() || value.is_null())
      names.push_back(prefix + name);
  }
}

double value_of(Json const& row, std::string const& name) {
  auto const dot = name.find('.');
  auto const found = row.find(name.substr(0, dot));
  if (found == row.end()) return std::numeric_limits<double>::quiet_NaN();
  if (dot != name.npos && found->is_object()) return value_of(*found, name.substr(dot + 1));
  return found->is_number() ? found->get<double>() : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

Result<SeriesPlots> SeriesPlots::load(std::string const& path) {
  SeriesPlots plots;
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error(Errc::invalid, path + " can't be read: " + std::generic_category().message(errno));
  std::size_t stride = 1;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line); ++number) {
    auto const row = Json::parse(line, nullptr, false);
    if (number == 0 && row.is_object()) names_of(row, "", plots.names_);
    if (!row.is_object() || !plots.has("t") || !plots.has("seconds"))
      return Error(Errc::invalid, path + ", line " + std::to_string(number + 1) +
                                      ", is no row of a series: give a file that --series wrote");
    if (number % stride != 0) continue;
    Series::Row values;
    for (auto const& name : plots.names_) values.push_back(value_of(row, name));
    plots.rows_.push_back(std::move(values));
    if (plots.rows_.size() <= Series::most_rows) continue;
    for (std::size_t i = 0; 2 * i < plots.rows_.size(); ++i) plots.rows_[i] = std::move(plots.rows_[2 * i]);
    plots.rows_.resize((plots.rows_.size() + 1) / 2);
    stride *= 2;
  }
  if (plots.rows_.empty()) return Error(Errc::invalid, path + " has no row: the run had not begun");
  plots.drop_moments();
  return plots;
}

std::vector<Plot> SeriesPlots::all(std::string const& id, std::string const& title) const {
  std::vector<Plot> plots;
  std::vector<std::string> counted;
  for (auto const* name : {"asked", "started", "sent", "received", "persisted", "acknowledged"})
    if (has(name)) counted.emplace_back(name);
  plots.push_back(rates(id + "rate", title + "messages a second", counted));
  for (auto const& [name, words] :
       {std::pair("latency_ms", "latency in ms, from when a message was due"),
        std::pair("service_ms", "service time in ms"), std::pair("process_ms", "work on one message in ms"),
        std::pair("end_to_end_ms", "end to end in ms")})
    if (has(std::string(name) + ".p50"))
      plots.push_back(
          durations(id + std::string(name).substr(0, std::string(name).size() - 3), title + words, name));
  if (has("depth")) plots.push_back(values(id + "depth", title + "messages in the queue", {"depth"}));
  if (auto const errors = beginning_with("errors."); !errors.empty())
    plots.push_back(rates(id + "errors", title + "failures a second, by kind", errors));
  return plots;
}

}  // namespace app
