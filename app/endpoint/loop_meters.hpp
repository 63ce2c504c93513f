#pragma once

#include <string>
#include <vector>

#include "app/endpoint/pulse.hpp"
#include "app/metrics/store_meters.hpp"

namespace app {

// What one loop is measured by; all null where nobody asks.
struct LoopMeters {
  std::shared_ptr<QueueMeters> queue;
  std::shared_ptr<QueueMeters> dead_letters;
  std::shared_ptr<TableMeters> table;
  std::shared_ptr<Pulse> pulse;
};

// One for each loop, with the labels of these URIs; an empty one is not used.
std::vector<LoopMeters> make_meters(Loops& loops, std::string const& queue, std::string const& table,
                                    std::string const& dead_letters);

// Does `work` with a pulse beside it, which `look` fills in; the queue is asked for its depth where it is
// given. Without a pulse: the work alone. `left_behind` becomes true where the queue's answer is still to
// come `patience` after the work: the loop can't be torn down then.
boost::asio::awaitable<void> beating(Loop& loop, std::shared_ptr<Pulse> pulse,
                                     std::function<void(Pulse&)> look, storage::Queue* asked,
                                     boost::asio::awaitable<void> work, std::chrono::nanoseconds patience,
                                     bool& left_behind);

}  // namespace app
