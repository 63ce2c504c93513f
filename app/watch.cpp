#include "app/watch.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <limits>

#include "base/event.hpp"

namespace app {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// The depth of the queue as last told. Asked apart from the ticks, for the answer may take its time.
class DepthWatch {
 public:
  DepthWatch(Loop& loop, storage::Queue* queue) : loop_(loop), queue_(queue) {}

  double last() const { return last_; }
  void start(std::stop_token ended) {
    if (queue_ == nullptr) return;
    running_ = true;
    asio::co_spawn(loop_.io(), run(std::move(ended)), rethrow);
  }
  asio::awaitable<bool> wait(std::chrono::nanoseconds patience) {
    auto const until = loop_.clock().steady() + patience;
    for (auto pause = 1ms; running_ && loop_.clock().steady() < until; pause = std::min(2 * pause, 50ms))
      co_await loop_.clock().sleep(pause);
    co_return !running_;
  }

 private:
  asio::awaitable<void> run(std::stop_token ended) {
    while (!ended.stop_requested()) {
      auto const depth = co_await queue_->depth();
      // The right to look may well be missing: then there is no depth to show, and nothing is wrong.
      last_ = depth ? static_cast<double>(depth->total()) : unknown;
      co_await loop_.clock().sleep(depth ? 2s : 30s, ended);
    }
    running_ = false;
  }

  Loop& loop_;
  storage::Queue* queue_;
  double last_ = unknown;
  bool running_ = false;
};

asio::awaitable<void> tell(Loop& loop, Show const& show, std::stop_token ended) {
  auto const step = show.live ? 1s : 5s;
  for (;;) {
    co_await loop.clock().sleep(step, ended);
    if (ended.stop_requested()) break;
    if (show.live)
      show.screen.show(show.block());
    else
      loop.log().write(base::Level::info, show.line());
  }
}

}  // namespace

asio::awaitable<bool> watch(Loop& loop, Series& series, Watch how, std::stop_token ended) {
  bool const first = how.lane == 0;
  DepthWatch depth(loop, first ? how.queue : nullptr);
  depth.start(ended);
  for (auto tick = how.start + 1s;; tick += 1s) {
    co_await loop.clock().sleep_until(tick, ended);
    auto const now = loop.clock().steady();
    auto part = how.part(now, first ? depth.last() : 0);
    series.add(how.lane, std::chrono::duration<double>(now - how.origin).count(), std::move(part));
    if (ended.stop_requested()) break;
  }
  series.leave(how.lane);
  co_return co_await depth.wait(how.patience);
}

asio::awaitable<bool> watched(Loop& loop, Series& series, Watch how, Show const& show,
                              asio::awaitable<void> work) {
  std::stop_source ended;
  base::Event over(loop.io().get_executor());
  bool watching = true;
  bool quiet = true;
  if (how.lane == 0 && (show.live || show.line))
    asio::co_spawn(loop.io(), tell(loop, show, ended.get_token()), rethrow);
  asio::co_spawn(loop.io(), watch(loop, series, std::move(how), ended.get_token()),
                 [&watching, &quiet, &over](std::exception_ptr const& thrown, bool answered) {
                   watching = false;
                   quiet = answered;
                   over.notify();
                   rethrow(thrown);
                 });
  co_await std::move(work);
  ended.request_stop();
  while (watching) co_await over.wait();
  co_return quiet;
}

}  // namespace app
