#include "app/parse.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "base/encoding.hpp"

namespace app {

using base::Errc;
using base::Error;

base::Result<std::uint64_t> parse_whole(std::string_view text, std::uint64_t least, std::uint64_t most) {
  std::string digits(text);
  std::erase_if(digits, [](char c) { return c == '_' || c == ','; });
  auto const value = base::parse_u64(digits);
  if (!value) return Error(Errc::invalid, "is not a whole number");
  if (*value < least) return Error(Errc::invalid, "is less than the least allowed, " + std::to_string(least));
  if (*value > most) return Error(Errc::invalid, "is more than the most allowed, " + std::to_string(most));
  return *value;
}

base::Result<double> parse_decimal(std::string_view text) {
  double value = 0;
  auto const [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return Error(Errc::invalid, "is not a number");
  if (value < 0) return Error(Errc::invalid, "is negative");
  return value;
}

base::Result<std::chrono::microseconds> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    double micros;
  };
  // Longer names first: "ms" also ends in "s".
  static constexpr std::array<Unit, 6> units{
      {{"us", 1}, {"ms", 1e3}, {"s", 1e6}, {"m", 60e6}, {"h", 3600e6}, {"d", 86400e6}}};
  double scale = 1e6;
  for (auto const& unit : units) {
    if (!text.ends_with(unit.name)) continue;
    scale = unit.micros;
    text.remove_suffix(unit.name.size());
    break;
  }
  auto const number = parse_decimal(text);
  if (!number) return Error(Errc::invalid, "is not a duration such as 500ms, 90s, 5m or 1h");
  double const micros = *number * scale;
  if (micros > 365.0 * 86400e6 * 100) return Error(Errc::invalid, "is longer than a hundred years");
  return std::chrono::microseconds(std::llround(micros));
}

base::Result<bool> parse_flag(std::string_view text) {
  auto const word = base::lower(text);
  if (word == "true" || word == "1" || word == "yes" || word == "on") return true;
  if (word == "false" || word == "0" || word == "no" || word == "off") return false;
  return Error(Errc::invalid, "is neither true nor false");
}

}  // namespace app
