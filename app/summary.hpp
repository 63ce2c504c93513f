#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "app/histogram.hpp"

namespace app {

// {"p50": …, "p90": …, "p99": …, "p999": …, "max": …} in milliseconds; null where nothing was recorded.
nlohmann::ordered_json quantiles_json(Histogram const& histogram);
// All that it holds: [[µs, how many], …]; the greatest value of each bucket, as Histogram::buckets().
nlohmann::ordered_json histogram_json(Histogram const& histogram);
// Nothing where it is none.
std::optional<Histogram> parse_histogram(nlohmann::ordered_json const& json);
// "p50 1.2 ms · p90 … · max …", or "none".
std::string quantiles_text(Histogram const& histogram);

std::string grouped(std::uint64_t number);  // 12,345,678
// 0.5 → "0.50", 1234.5 → "1,235": three figures are enough for a rate.
std::string rounded(double number);
double round_to(double number, int decimals);

// One line and its line end on stdout, whole or not at all; false where stdout can't take it.
bool print(std::string const& text);

}  // namespace app
