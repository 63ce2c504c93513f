#include "app/endpoint/loop_meters.hpp"

namespace app {

namespace {

std::shared_ptr<QueueMeters> queue_meters(storage::Stores& stores, std::string const& uri) {
  auto made = std::make_shared<QueueMeters>();
  made->system = stores.systems(uri).messaging;
  made->destination = name_in(uri);
  return made;
}

}  // namespace

std::vector<LoopMeters> make_meters(Loops& loops, std::string const& queue, std::string const& table,
                                    std::string const& dead_letters) {
  std::vector<LoopMeters> meters;
  for (auto const& loop : loops) {
    auto& stores = loop->stores();
    LoopMeters made;
    made.pulse = std::make_shared<Pulse>();
    made.queue = queue_meters(stores, queue);
    if (!dead_letters.empty()) made.dead_letters = queue_meters(stores, dead_letters);
    if (!table.empty()) {
      made.table = std::make_shared<TableMeters>();
      made.table->system = stores.systems(table).db;
      made.table->collection = name_in(table);
    }
    meters.push_back(std::move(made));
  }
  return meters;
}

boost::asio::awaitable<void> beating(Loop& loop, std::shared_ptr<Pulse> pulse,
                                     std::function<void(Pulse&)> look, storage::Queue* asked,
                                     boost::asio::awaitable<void> work, std::chrono::nanoseconds patience,
                                     bool& left_behind) {
  if (!pulse) {
    co_await std::move(work);
    co_return;
  }
  Beating beats(loop, std::move(pulse), std::move(look), asked);
  beats.start();
  co_await std::move(work);
  if (!co_await beats.end(patience)) left_behind = true;
}

}  // namespace app
