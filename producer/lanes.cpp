#include "producer/lanes.hpp"

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
  lane.queue = std::move(*queue);
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
  auto watched = app::watched(loop, view.series, std::move(how), show, std::move(working));
  co_await std::move(watched);
}

}  // namespace

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
    lanes[i].sender = std::make_unique<Sender>(*loops[i], *lanes[i].queue, run, i, lanes.size());
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
