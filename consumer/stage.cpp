#include "consumer/stage.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace consumer {

namespace asio = boost::asio;

namespace {

// Larger batches pay nothing more, and what waits longest waits for all of its batch.
constexpr std::size_t largest_batch = 100;

}  // namespace

Stage::Stage(app::Loop& loop, std::size_t unit, std::size_t parallel, Linger linger, Parted parted, Work work)
    : loop_(loop),
      unit_(std::clamp<std::size_t>(unit, 1, largest_batch)),
      most_(largest_batch - largest_batch % unit_),
      parallel_(std::max<std::size_t>(parallel, 1)),
      linger_(std::move(linger)),
      parted_(std::move(parted)),
      work_(std::move(work)),
      freed_(loop.io().get_executor()) {}

void Stage::push(Held& held) {
  waiting_.push_back(&held);
  if (waiting_.size() >= unit_) filled_.request_stop();
  if (pumping_) return;
  pumping_ = true;
  asio::co_spawn(loop_.io(), pump(), app::rethrow);
}

std::size_t Stage::batch_size() const {
  if (waiting_.size() < unit_) return waiting_.size();
  auto size = std::min(most_, waiting_.size());
  if (!parted_) return size - size % unit_;
  for (auto end = size; end > size / 2; --end)
    if (end < waiting_.size() && parted_(*waiting_[end - 1], *waiting_[end])) return end;
  return size;
}

asio::awaitable<void> Stage::pump() {
  // What arrives in the same turn of the loop goes together.
  auto const executor = loop_.io().get_executor();
  auto token = asio::use_awaitable;
  co_await asio::post(executor, token);
  bool lingered = false;
  while (!waiting_.empty()) {
    if (running_ >= parallel_) {
      co_await freed_.wait();
      continue;
    }
    if (waiting_.size() < unit_ && !lingered) {
      filled_ = std::stop_source();
      auto const moment = linger_();
      co_await loop_.clock().sleep(moment, filled_.get_token());
      lingered = true;
      continue;
    }
    lingered = false;
    auto const end = waiting_.begin() + static_cast<std::ptrdiff_t>(batch_size());
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
