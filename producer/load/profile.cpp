#include "producer/load/profile.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace producer {

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
// Longer than any run, and small enough to count in nanoseconds.
constexpr double longest = 3e9;
// A sum of areas is off by rounding; a message less than this share of one short is due.
constexpr double tolerance = 1e-6;

double seconds_of(std::chrono::nanoseconds value) { return std::chrono::duration<double>(value).count(); }

std::chrono::nanoseconds nanoseconds_of(double seconds) {
  return std::chrono::nanoseconds(std::llround(std::min(seconds, longest) * 1e9));
}

// When a straight line's area reaches `wanted`. Written so that a flat line divides by no difference.
double solve_line(Stretch const& stretch, double wanted) {
  double const slope =
      std::isinf(stretch.seconds) ? 0 : (stretch.to - stretch.from) / std::max(stretch.seconds, 1e-9);
  double const root =
      stretch.from + std::sqrt(std::max(stretch.from * stretch.from + 2 * slope * wanted, 0.0));
  return root > 0 ? 2 * wanted / root : 0;
}

// With a sine on top there is no closed form; the area only grows, so halving finds it.
double solve_wave(Stretch const& stretch, double wanted) {
  double low = 0;
  double high = std::isinf(stretch.seconds) ? stretch.period : stretch.seconds;
  while (stretch.messages(high) < wanted) {
    low = high;
    high *= 2;
  }
  while (high - low > 1e-10 * std::max(high, 1.0)) {
    double const middle = (low + high) / 2;
    (stretch.messages(middle) < wanted ? low : high) = middle;
  }
  return high;
}

}  // namespace

double Stretch::rate(double at) const {
  double const line = std::isinf(seconds) || seconds <= 0 ? from : from + (to - from) * at / seconds;
  return line + amplitude * std::sin(2 * std::numbers::pi * at / period);
}

double Stretch::messages(double at) const {
  double const line =
      std::isinf(seconds) || seconds <= 0 ? from * at : from * at + (to - from) * at * at / (2 * seconds);
  double const turn = 2 * std::numbers::pi / period;
  return line + amplitude / turn * (1 - std::cos(turn * at));
}

Profile::Profile(std::vector<Stretch> stretches) : stretches_(std::move(stretches)) {
  Begin begin{0, 0};
  for (auto const& stretch : stretches_) {
    begins_.push_back(begin);
    begin.messages += std::isinf(stretch.seconds) ? infinite : stretch.messages(stretch.seconds);
    begin.seconds += stretch.seconds;
  }
  begins_.push_back(begin);
}

Profile Profile::constant(double rate) { return Profile({Stretch{rate, rate, 0, 1, infinite}}); }

std::optional<std::chrono::nanoseconds> Profile::due(std::uint64_t index) const {
  auto const wanted = static_cast<double>(index);
  // The last stretch that begins before the message is due; empty ones are passed over.
  auto const after =
      std::upper_bound(begins_.begin() + 1, begins_.end(), wanted + tolerance,
                       [](double value, Begin const& begin) { return value < begin.messages; });
  if (after == begins_.end()) return std::nullopt;
  auto const at = static_cast<std::size_t>(after - begins_.begin()) - 1;
  auto const& stretch = stretches_[at];
  double const within = std::max(wanted - begins_[at].messages, 0.0);
  double const seconds = stretch.amplitude == 0 ? solve_line(stretch, within) : solve_wave(stretch, within);
  return nanoseconds_of(begins_[at].seconds + std::min(seconds, stretch.seconds));
}

std::uint64_t Profile::due_by(std::chrono::nanoseconds elapsed) const {
  if (elapsed.count() < 0) return 0;
  double const at = seconds_of(elapsed);
  std::size_t i = 0;
  while (i + 1 < stretches_.size() && begins_[i + 1].seconds <= at) ++i;
  double const within = std::min(at - begins_[i].seconds, stretches_[i].seconds);
  auto count = static_cast<std::uint64_t>(begins_[i].messages + stretches_[i].messages(within));
  // Rounding may be off by one to either side; due() decides.
  while (count > 0 && !(due(count - 1) && *due(count - 1) <= elapsed)) --count;
  while (due(count) && *due(count) <= elapsed) ++count;
  return count;
}

double Profile::rate(std::chrono::nanoseconds elapsed) const {
  double const at = seconds_of(elapsed);
  for (std::size_t i = 0; i < stretches_.size(); ++i)
    if (at >= begins_[i].seconds && at < begins_[i + 1].seconds)
      return stretches_[i].rate(at - begins_[i].seconds);
  return 0;
}

std::optional<std::chrono::nanoseconds> Profile::length() const {
  if (std::isinf(begins_.back().seconds)) return std::nullopt;
  return nanoseconds_of(begins_.back().seconds);
}

}  // namespace producer
