#include "consumer/telling.hpp"

namespace consumer {

namespace {

void look(Lane const& lane, app::Pulse& pulse) {
  pulse.in_flight.set(static_cast<std::int64_t>(lane.still_held()));
  auto const oldest = lane.oldest_held();
  pulse.oldest_ns.set(oldest ? std::chrono::nanoseconds(oldest->time_since_epoch()).count() : 0);
}

}  // namespace

std::vector<app::Told> tell_of(app::Loops const& loops, std::vector<std::unique_ptr<Lane>> const& lanes,
                               std::vector<app::LoopMeters> const& meters) {
  std::vector<app::Told> all;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    auto const lane = lanes[i]->meters();
    app::Told told;
    told.traffic = loops[i]->traffic();
    told.queue = meters[i].queue;
    told.dead_letters = meters[i].dead_letters;
    told.table = meters[i].table;
    told.pulse = meters[i].pulse;
    told.finished = [lane] { return lane->finished(); };
    told.more = [lane, queue = meters[i].queue, table = meters[i].table](app::Sheet& sheet) {
      tell(sheet, *lane,
           {{"messaging_system", queue->system}, {"messaging_destination_name", queue->destination}},
           table->system);
    };
    all.push_back(std::move(told));
  }
  return all;
}

boost::asio::awaitable<void> told(app::Loop& loop, Lane& lane, std::shared_ptr<app::Pulse> pulse,
                                  std::size_t index, boost::asio::awaitable<void> work, bool& left_behind) {
  std::function<void(app::Pulse&)> looking = [&lane](app::Pulse& seen) { look(lane, seen); };
  auto whole = app::beating(loop, std::move(pulse), std::move(looking), index == 0 ? &lane.queue() : nullptr,
                            std::move(work), std::chrono::seconds(1), left_behind);
  co_await std::move(whole);
}

}  // namespace consumer
