#include "producer/load/groups.hpp"

#include <algorithm>
#include <cmath>

#include "app/parse.hpp"

namespace producer {

using base::Errc;
using base::Error;

base::Result<Skew> Skew::parse(std::string_view text) {
  constexpr std::string_view zipf = "zipf:";
  if (text == "even") return Skew{};
  if (!text.starts_with(zipf)) return Error(Errc::invalid, "is neither even nor zipf:S, as zipf:1.1");
  auto const exponent = app::parse_decimal(text.substr(zipf.size()));
  if (!exponent || *exponent <= 0 || *exponent > 10)
    return Error(Errc::invalid, "has no exponent between 0 and 10 behind zipf:, as in zipf:1.1");
  return Skew{*exponent};
}

Groups::Groups(std::uint64_t count, Skew skew) : count_(count) {
  if (skew.zipf == 0) return;
  double sum = 0;
  shares_.reserve(count);
  for (std::uint64_t i = 1; i <= count; ++i)
    shares_.push_back(sum += std::pow(static_cast<double>(i), -skew.zipf));
}

std::uint64_t Groups::of(std::uint64_t seq, base::Random& random) const {
  if (shares_.empty()) return seq % count_;
  auto const found = std::upper_bound(shares_.begin(), shares_.end(), random.unit() * shares_.back());
  return std::min(static_cast<std::uint64_t>(found - shares_.begin()), count_ - 1);
}

}  // namespace producer
