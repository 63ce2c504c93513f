#include "producer/lanes.hpp"

#include "app/metrics/measured.hpp"
#include "producer/watch.hpp"

namespace producer {

namespace asio = boost::asio;
using base::Result;

namespace {

asio::awaitable<void> open_lane(app::Loop& loop, app::Addresses const& where, app::Common const& common,
                                Lane& lane, Result<void>& result) {
  auto queue = loop.stores().queue(where.queue, common.encoding);
  if (!queue) {
    result = app::complaint(where.queue_origin, queue.error());
    co_return;
  }
  lane.queue = app::measured(std::move(*queue), lane.meters.queue, loop.clock());
  result = co_await lane.queue->open(common.create);
  if (!result) result = app::unopened(where, result.error());
}

asio::awaitable<void> probe_lane(Lane& lane, bool first, Result<void>& result) {
  if (first) result = co_await lane.sender->probe();
}

asio::awaitable<void> watch_lane(app::Loop& loop, Lane& lane, std::size_t index, Run const& run, View& view,
                                 app::Show const& show, LaneWork const& work) {
  auto how = watch_sender(*lane.sender, *lane.queue, run, index, view.ask_depth);
  auto working = work(loop, lane, index);
  std::function<void(app::Pulse&)> looking = [&lane](app::Pulse& pulse) {
    pulse.in_flight.set(static_cast<std::int64_t>(lane.sender->in_flight()));
  };
  // Where somebody looks at the run, the depth is asked for already.
  auto* const asked = index == 0 && !view.ask_depth ? lane.queue.get() : nullptr;
  bool ignored = false;  // a producer can wait for the answer, as for all the others
  auto told = app::beating(loop, lane.meters.pulse, std::move(looking), asked, std::move(working),
                           std::chrono::hours(1), ignored);
  auto watched = app::watched(loop, view.series, std::move(how), show, std::move(told));
  co_await std::move(watched);
}

}  // namespace

void measure(app::Loops& loops, std::vector<Lane>& lanes, std::string const& queue) {
  auto meters = app::make_meters(loops, queue, "", "");
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    lanes[i].meters = std::move(meters[i]);
    lanes[i].latency = std::make_shared<base::Timings>(base::way_bounds);
  }
}

std::vector<app::Told> tell_of(app::Loops const& loops, std::vector<Lane> const& lanes) {
  std::vector<app::Told> all;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    auto const queue = lanes[i].meters.queue;
    app::Told told;
    told.traffic = loops[i]->traffic();
    told.queue = queue;
    told.pulse = lanes[i].meters.pulse;
    told.finished = [queue] { return queue->sent.value(); };
    told.more = [queue, latency = lanes[i].latency](app::Sheet& sheet) {
      sheet.add("edw_send_latency_seconds", {{"messaging_system", queue->system}}, *latency);
    };
    all.push_back(std::move(told));
  }
  return all;
}

Result<void> open_lanes(app::Loops& loops, std::vector<Lane>& lanes, app::Addresses const& where,
                        app::Common const& common) {
  std::vector<Result<void>> results(loops.size());
  app::run_all(loops, [&](app::Loop& loop, std::size_t index) {
    return open_lane(loop, where, common, lanes[index], results[index]);
  });
  for (auto const& result : results)
    if (!result) return result.error();
  return {};
}

void make_senders(app::Loops& loops, std::vector<Lane>& lanes, Run const& run) {
  for (std::size_t i = 0; i < lanes.size(); ++i)
    lanes[i].sender =
        std::make_unique<Sender>(*loops[i], *lanes[i].queue, run, i, lanes.size(), lanes[i].latency);
}

Result<void> probe(app::Loops& loops, std::vector<Lane>& lanes) {
  Result<void> result;
  app::run_all(loops,
               [&](app::Loop&, std::size_t index) { return probe_lane(lanes[index], index == 0, result); });
  return result;
}

void work_all(RunAll const& run_all, std::vector<Lane>& lanes, Run const& run, View& view,
              LaneWork const& work) {
  app::Show const show{view.screen, view.live, [&view] { return live_block(view.headline, view.series); },
                       [&view] { return progress_line(view.headline, view.series); }};
  run_all([&](app::Loop& loop, std::size_t index) {
    return watch_lane(loop, lanes[index], index, run, view, show, work);
  });
}

}  // namespace producer
