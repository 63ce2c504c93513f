#include "app/endpoint/trend.hpp"

namespace app {

using namespace std::chrono_literals;

void Trend::sample(base::Steady now, std::uint64_t finished, std::uint64_t held) {
  auto const more = finished - finished_;
  std::chrono::duration<double> const span = now - last_;
  finished_ = finished;
  last_ = now;
  bool const first = first_;
  first_ = false;
  if (first || span.count() <= 0 || (more == 0 && held == 0)) return;
  busy_.push_back({span, more});
  spans_ += span;
  done_ += more;
  while (spans_ > 60s && busy_.size() > 1) {
    spans_ -= busy_.front().span;
    done_ -= busy_.front().finished;
    busy_.pop_front();
  }
}

bool Trend::known() const { return spans_ >= 5s; }

double Trend::rate() const { return known() ? static_cast<double>(done_) / spans_.count() : 0; }

}  // namespace app
