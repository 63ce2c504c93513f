#include "producer/watch.hpp"

#include <limits>

namespace producer {

using namespace std::chrono_literals;

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

double difference(std::uint64_t now, std::uint64_t before) { return static_cast<double>(now - before); }

app::Series::Part part_of(Counts const& now, Counts const& before) {
  app::Series::Part part;
  part.counts = {difference(now.started, before.started), difference(now.sent, before.sent),
                 difference(now.failed, before.failed), difference(now.unknown, before.unknown),
                 difference(now.held_back, before.held_back)};
  for (std::size_t i = 0; i < now.errors.size(); ++i)
    part.counts.push_back(difference(now.errors[i], before.errors[i]));
  part.times = {now.latency.since(before.latency), now.service.since(before.service)};
  return part;
}

}  // namespace

app::Series::Shape send_shape() {
  app::Series::Shape shape;
  shape.counts = {"started", "sent", "failed", "unknown", "held_back"};
  for (auto& name : app::error_columns()) shape.counts.push_back(std::move(name));
  shape.gauges = {"asked", "in_flight", "depth"};
  shape.times = {"latency_ms", "service_ms"};
  return shape;
}

app::Watch watch_sender(Sender const& sender, storage::Queue& queue, Run const& run, std::size_t lane,
                        bool ask_depth) {
  app::Watch watch;
  watch.lane = lane;
  watch.start = run.start;
  watch.origin = run.origin;
  watch.queue = ask_depth ? &queue : nullptr;
  watch.part = [&sender, &run, lane, before = Counts()](base::Steady now, double depth) mutable {
    auto part = part_of(sender.counts(), before);
    before = sender.counts();
    // The middle of the second stands for it, where the rate changes within.
    double const asked = run.arrivals ? run.arrivals->rate(now - run.start - 500ms) : unknown;
    part.gauges = {lane == 0 ? asked : 0, static_cast<double>(sender.in_flight()), depth};
    return part;
  };
  return watch;
}

}  // namespace producer
