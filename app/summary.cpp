#include "app/summary.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace app {

namespace {

double millis(std::chrono::microseconds value) { return static_cast<double>(value.count()) / 1000.0; }

}  // namespace

nlohmann::ordered_json quantiles_json(Histogram const& histogram) {
  nlohmann::ordered_json json;
  for (auto const& each : told_quantiles) {
    if (histogram.count() == 0)
      json[each.name] = nullptr;
    else
      json[each.name] = millis(histogram.quantile(each.share));
  }
  return json;
}

nlohmann::ordered_json histogram_json(Histogram const& histogram) {
  auto json = nlohmann::ordered_json::array();
  for (auto const& [micros, count] : histogram.buckets()) json.push_back({micros, count});
  return json;
}

std::optional<Histogram> parse_histogram(nlohmann::ordered_json const& json) {
  if (!json.is_array()) return std::nullopt;
  Histogram::Buckets buckets;
  for (auto const& pair : json) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number_unsigned() ||
        !pair[1].is_number_unsigned())
      return std::nullopt;
    buckets.emplace_back(pair[0].get<std::uint64_t>(), pair[1].get<std::uint64_t>());
  }
  return Histogram::of(buckets);
}

std::string quantiles_text(Histogram const& histogram) {
  if (histogram.count() == 0) return "none";
  std::string text;
  for (auto const& each : told_quantiles)
    text += (text.empty() ? "" : " · ") + std::string(each.name) + ' ' +
            rounded(millis(histogram.quantile(each.share)));
  return text + " ms";
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

std::string rounded(double number) {
  if (number >= 100) return grouped(static_cast<std::uint64_t>(std::llround(number)));
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), number >= 10 ? "%.1f" : "%.2f", number);
  return text.data();
}

double round_to(double number, int decimals) {
  double const scale = std::pow(10.0, decimals);
  return std::round(number * scale) / scale;
}

bool print(std::string const& text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

}  // namespace app
