#include "producer/load/search.hpp"

#include <algorithm>
#include <cmath>

namespace producer {

namespace {

constexpr double near_enough = 1.05;
constexpr double least = 1;  // messages a second: below it a few seconds tell nothing

// Three figures: more are not meant.
double rounded(double rate) {
  double const unit = std::pow(10, std::floor(std::log10(rate)) - 2);
  return std::round(rate / unit) * unit;
}

}  // namespace

std::optional<Try> Search::next() const {
  if (over_) return std::nullopt;
  return Try{rate_, confirming_ ? 2 * bounds_.hold : bounds_.hold, confirming_};
}

void Search::judge(bool kept) {
  if (confirming_) {
    if (kept) {
      best_ = rate_;
      confirmed_ = over_ = true;
      return;
    }
    // What did not last is no answer: a little less each time, and then a lot less.
    best_ = 0;
    rate_ = rounded(rate_ * (1 - 0.05 * (1 << refuted_)));
    over_ = ++refuted_ > 4 || rate_ < least;
    return;
  }
  if (!kept && !again_) {
    again_ = true;
    return;
  }
  again_ = false;
  if (kept)
    best_ = rate_;
  else
    too_high_ = rate_;
  narrow();
}

void Search::narrow() {
  if (!too_high_) {
    if (rate_ >= bounds_.to) return confirm();
    rate_ = std::min(2 * rate_, bounds_.to);
    return;
  }
  if (best_ == 0) {
    rate_ = rounded(rate_ / 2);
    over_ = rate_ < least;
    return;
  }
  auto const middle = rounded((best_ + *too_high_) / 2);
  if (*too_high_ <= best_ * near_enough || middle <= best_ || middle >= *too_high_) return confirm();
  rate_ = middle;
}

void Search::confirm() {
  confirming_ = true;
  rate_ = best_;
}

}  // namespace producer
