#include "producer/load/poison.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "app/parse.hpp"

namespace producer {

using base::Errc;
using base::Error;

base::Result<Poison> Poison::parse(std::string_view text) {
  constexpr double finest = 1e6;
  bool const percent = text.ends_with('%');
  auto const digits = percent ? text.substr(0, text.size() - 1) : text;
  auto const number = app::parse_decimal(digits);
  if (!number) return Error(Errc::invalid, "is not a share such as 0.1% or 0.001");
  double const share = percent ? *number / 100 : *number;
  if (share > 1)
    return Error(Errc::invalid, "is more than all of them" + (percent ? std::string()
                                                                      : "; for a share of a hundred write " +
                                                                            std::string(text) + "%"));
  auto const millionths = static_cast<std::uint64_t>(std::llround(share * finest));
  if (share > 0 && millionths == 0) return Error(Errc::invalid, "is less than one in a million");
  Poison made;
  auto const common = std::gcd(millionths, static_cast<std::uint64_t>(finest));
  made.bad_ = millionths / common;
  made.of_ = static_cast<std::uint64_t>(finest) / common;
  return made;
}

std::vector<Stride> Poison::list(Share const& share, std::uint64_t from, std::uint64_t to) const {
  std::vector<Stride> all;
  if (!any() || from > to) return all;
  // The pattern comes again after so many of the share's own numbers.
  auto const period = of_ / std::gcd(of_, share.instances);
  auto const end = std::min(to, from + period - 1);
  for (auto number = from; number <= end; ++number) {
    if (!bad(share.seq(number))) continue;
    auto const more = (to - number) / period;
    all.push_back(
        {share.seq(number), share.seq(number + more * period), more > 0 ? share.instances * period : 1});
  }
  return all;
}

void poison(std::string& body) { body.back() = ','; }

}  // namespace producer
