#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/loops.hpp"
#include "app/screen.hpp"
#include "app/series.hpp"
#include "storage/core/queue.hpp"

namespace app {

// How one loop's work is written down in a series, a row each second.
struct Watch {
  std::size_t lane = 0;
  base::Steady start;   // rows end whole seconds after it
  base::Steady origin;  // where the series's time begins
  // Asked for its depth now and then, by the first lane; null: by nobody.
  storage::Queue* queue = nullptr;
  // How long to wait at the end for an answer of the queue that is still to come.
  std::chrono::nanoseconds patience = std::chrono::hours(1);
  // What the lane did since the last call, and has at `now`. The depth is as last told, nan where it is not
  // known, and 0 for every lane but the first, since lanes add up.
  std::function<Series::Part(base::Steady now, double depth)> part;
};

// How it is shown while it goes on: a block on the terminal each second, else a line now and then.
struct Show {
  Screen& screen;
  bool live = false;
  std::function<std::vector<std::string>()> block;
  std::function<std::string()> line;  // none: nothing is said
};

// Adds to the series until `ended` is requested; then what is left, and leaves. False where the queue has not
// answered within `patience`: its answer may yet come, so the process must end without tearing anything down.
boost::asio::awaitable<bool> watch(Loop& loop, Series& series, Watch how, std::stop_token ended);

// Does `work`, watched meanwhile, and where it is the first lane's, shown. Returns what watch() does.
boost::asio::awaitable<bool> watched(Loop& loop, Series& series, Watch how, Show const& show,
                                     boost::asio::awaitable<void> work);

}  // namespace app
