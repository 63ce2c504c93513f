#include "consumer/stage.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

namespace consumer {

namespace asio = boost::asio;

Stage::Stage(app::Loop& loop, std::size_t batch, std::size_t parallel, std::chrono::microseconds linger,
             Work work)
    : loop_(loop),
      batch_(std::max<std::size_t>(batch, 1)),
      parallel_(std::max<std::size_t>(parallel, 1)),
      linger_(linger),
      work_(std::move(work)),
      freed_(loop.io().get_executor()) {}

void Stage::push(Held& held) {
  waiting_.push_back(&held);
  if (pumping_) return;
  pumping_ = true;
  asio::co_spawn(loop_.io(), pump(), app::rethrow);
}

asio::awaitable<void> Stage::pump() {
  if (waiting_.size() < batch_) co_await loop_.clock().sleep(linger_);
  while (!waiting_.empty()) {
    if (running_ >= parallel_) {
      co_await freed_.wait();
      continue;
    }
    auto const end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(batch_, waiting_.size()));
    Batch batch(waiting_.begin(), end);
    waiting_.erase(waiting_.begin(), end);
    ++running_;
    asio::co_spawn(loop_.io(), run(std::move(batch)), app::rethrow);
  }
  pumping_ = false;
}

asio::awaitable<void> Stage::run(Batch batch) {
  co_await work_(std::move(batch));
  --running_;
  freed_.notify();
}

}  // namespace consumer
