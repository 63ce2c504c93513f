#include "producer/watch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <limits>

namespace producer {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// The depth of the queue as last told. Asked apart from the ticks, for the answer may take its time.
class DepthWatch {
 public:
  DepthWatch(app::Loop& loop, storage::Queue& queue)
      : loop_(loop), queue_(queue), over_(loop.io().get_executor()) {}

  double last() const { return last_; }
  void start(std::stop_token ended) {
    running_ = true;
    asio::co_spawn(loop_.io(), run(std::move(ended)), app::rethrow);
  }
  asio::awaitable<void> wait() {
    while (running_) co_await over_.wait();
  }

 private:
  asio::awaitable<void> run(std::stop_token ended) {
    while (!ended.stop_requested()) {
      auto const depth = co_await queue_.depth();
      // A sender may well lack the right to look: then there is no depth to show, and nothing is wrong.
      last_ = depth ? static_cast<double>(depth->total()) : unknown;
      co_await loop_.clock().sleep(depth ? 2s : 30s, ended);
    }
    running_ = false;
    over_.notify();
  }

  app::Loop& loop_;
  storage::Queue& queue_;
  base::Event over_;
  double last_ = unknown;
  bool running_ = false;
};

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
  for (std::size_t i = 0; i < errc_count; ++i)
    shape.counts.push_back("errors." + std::string(base::to_string(static_cast<base::Errc>(i))));
  shape.gauges = {"asked", "in_flight", "depth"};
  shape.times = {"latency_ms", "service_ms"};
  return shape;
}

asio::awaitable<void> watch(app::Loop& loop, storage::Queue& queue, Sender const& sender, Run const& run,
                            std::size_t lane, bool ask_depth, app::Series& series, std::stop_token ended) {
  DepthWatch depth(loop, queue);
  bool const first = lane == 0;
  if (first && ask_depth) depth.start(ended);
  Counts before;
  for (auto tick = run.start + 1s;; tick += 1s) {
    co_await loop.clock().sleep_until(tick, ended);
    auto const elapsed = loop.clock().steady() - run.start;
    auto part = part_of(sender.counts(), before);
    before = sender.counts();
    // The middle of the second stands for it, where the rate changes within.
    double const asked = run.arrivals ? run.arrivals->rate(elapsed - 500ms) : unknown;
    part.gauges = {first ? asked : 0, static_cast<double>(sender.in_flight()), first ? depth.last() : 0};
    series.add(lane, std::chrono::duration<double>(elapsed).count(), std::move(part));
    if (ended.stop_requested()) break;
  }
  series.leave(lane);
  co_await depth.wait();
}

}  // namespace producer
