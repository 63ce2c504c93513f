#include "producer/row_times.hpp"

namespace producer {

RowTimes::Part& RowTimes::at(base::System moment) {
  auto const second = std::chrono::floor<std::chrono::seconds>(moment.time_since_epoch()).count();
  return parts_[second / seconds_];
}

void RowTimes::take(base::System produced, base::System persisted) {
  ++at(produced).produced;
  auto& written = at(persisted);
  ++written.persisted;
  written.end_to_end.record(persisted - produced);
  while (parts_.size() > most) widen();
}

void RowTimes::widen() {
  std::map<std::int64_t, Part> wider;
  for (auto& [number, part] : parts_) {
    auto& into = wider[number / 2];
    into.produced += part.produced;
    into.persisted += part.persisted;
    into.end_to_end.merge(part.end_to_end);
  }
  parts_ = std::move(wider);
  seconds_ *= 2;
}

app::Series::Shape RowTimes::shape() { return {{"produced", "persisted"}, {"waiting"}, {"end_to_end_ms"}}; }

void RowTimes::fill(app::Series& series) const {
  if (parts_.empty()) return;
  auto const first = parts_.begin()->first;
  auto next = first;
  double waiting = 0;
  auto const end_of = [&](std::int64_t number) {
    return static_cast<double>((number - first + 1) * seconds_);
  };
  for (auto const& [number, part] : parts_) {
    // Where nothing happened for a while, one row says so.
    if (number > next) series.add(0, end_of(number - 1), {{0, 0}, {waiting}, {app::Histogram()}});
    auto const produced = static_cast<double>(part.produced);
    auto const persisted = static_cast<double>(part.persisted);
    waiting += produced - persisted;
    series.add(0, end_of(number), {{produced, persisted}, {waiting}, {part.end_to_end}});
    next = number + 1;
  }
}

}  // namespace producer
