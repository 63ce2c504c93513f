#include "http/gate.hpp"

#include <algorithm>

namespace http {

using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;

namespace {

base::Steady::duration steady(Seconds duration) {
  return std::chrono::duration_cast<base::Steady::duration>(duration);
}

}  // namespace

// How many went in this second and the one before: what passed when the service had enough.
void Gate::count(base::Steady now) {
  if (now - second_ >= 2s) sent_before_ = sent_ = 0;
  if (now - second_ >= 1s) {
    sent_before_ = sent_;
    sent_ = 0;
    second_ = now;
  }
  ++sent_;
}

base::Steady Gate::admit(base::Steady now) {
  std::scoped_lock const lock(mutex_);
  count(now);
  if (!pace_) return now;
  auto const place = std::min(std::max(now, next_), now + longest_wait);
  next_ = place + steady(Seconds(1 / *pace_));
  return place;
}

void Gate::throttled(base::Steady now, std::optional<std::chrono::milliseconds> hint) {
  std::scoped_lock const lock(mutex_);
  if (hint) next_ = std::max(next_, now + std::min<std::chrono::milliseconds>(*hint, longest_wait));
  grown_ = now;
  if (now < cut_until_) return;
  at_cut_ = std::max(pace_ ? *pace_ : std::max(sent_, sent_before_), least);
  pace_ = std::max(at_cut_ * cut, least);
  cut_until_ = now + 500ms;
}

void Gate::succeeded(base::Steady now) {
  std::scoped_lock const lock(mutex_);
  if (!pace_ || now < cut_until_) return;
  *pace_ += at_cut_ * growth * Seconds(std::min<base::Steady::duration>(now - grown_, 1s)).count();
  grown_ = now;
  if (*pace_ > at_cut_ * 2) pace_.reset();
}

std::optional<double> Gate::pace() const {
  std::scoped_lock const lock(mutex_);
  return pace_;
}

std::shared_ptr<Gate> Gates::gate(Origin const& service) {
  std::scoped_lock const lock(mutex_);
  auto& gate = gates_[service.to_string()];
  if (!gate) gate = std::make_shared<Gate>();
  return gate;
}

}  // namespace http
