#include "app/reading.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "app/summary.hpp"

namespace app {

namespace {

std::string whole_number(double number) { return grouped(static_cast<std::uint64_t>(std::llround(number))); }

}  // namespace

bool Reading::known(std::string_view name) const { return !std::isnan(last(name)); }

std::string Reading::whole(std::string_view name) const { return whole_number(last(name)); }

std::string Reading::whole_total(std::string_view name) const { return whole_number(total(name)); }

std::string Reading::per_second(std::string_view name) const {
  double const seconds = last("seconds");
  return rounded(seconds > 0 ? last(name) / seconds : 0);
}

std::string Reading::quantiles(std::string const& name) const {
  if (!known(name + ".max")) return "none in this second";
  std::string text;
  for (auto const* each : {"p50", "p90", "p99", "max"})
    text += std::string(text.empty() ? "" : " · ") + each + ' ' + rounded(last(name + '.' + each));
  return text + " ms";
}

std::string Reading::line(std::string_view name) const { return sparkline(series_.recent(name, 30)); }

std::string Reading::errors() const {
  std::string text;
  for (auto const& name : series_.columns()) {
    if (!name.starts_with("errors.")) continue;
    if (double const count = total(name); count > 0)
      text += (text.empty() ? "" : " · ") + name.substr(sizeof("errors.") - 1) + ' ' + whole_number(count);
  }
  return text;
}

std::string sparkline(std::vector<double> const& values) {
  static constexpr std::array<char const*, 8> bars{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  double most = 0;
  for (double const value : values)
    if (!std::isnan(value)) most = std::max(most, value);
  std::string text;
  for (double const value : values) {
    double const share = most > 0 ? std::max(value, 0.0) / most : 0;
    text += std::isnan(value) ? " " : bars[static_cast<std::size_t>(std::lround(share * 7))];
  }
  return text;
}

std::string clock_of(double seconds) {
  auto const whole = static_cast<std::uint64_t>(std::max(seconds, 0.0) + 0.5);
  auto const two = [](std::uint64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return (whole >= 3600 ? std::to_string(whole / 3600) + ':' : "") + two(whole / 60 % 60) + ':' +
         two(whole % 60);
}

}  // namespace app
