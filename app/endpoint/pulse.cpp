#include "app/endpoint/pulse.hpp"

#include <boost/asio/co_spawn.hpp>

namespace app {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto between_questions = 15s;

}  // namespace

Beating::Beating(Loop& loop, std::shared_ptr<Pulse> pulse, std::function<void(Pulse&)> look,
                 storage::Queue* asked)
    : loop_(loop), pulse_(std::move(pulse)), look_(std::move(look)), asked_(asked) {}

void Beating::start() {
  ++running_;
  asio::co_spawn(loop_.io(), beat(), rethrow);
  if (!asked_) return;
  ++running_;
  asio::co_spawn(loop_.io(), ask(), rethrow);
}

asio::awaitable<void> Beating::beat() {
  while (!ended_.stop_requested()) {
    auto const now = loop_.clock().steady().time_since_epoch();
    pulse_->beat_ns.set(std::chrono::nanoseconds(now).count());
    look_(*pulse_);
    co_await loop_.clock().sleep(1s, ended_.get_token());
  }
  pulse_->beat_ns.set(0);
  look_(*pulse_);
  --running_;
}

asio::awaitable<void> Beating::ask() {
  while (!ended_.stop_requested()) {
    // What it says is measured; that it does not say is counted there too.
    co_await asked_->depth();
    co_await loop_.clock().sleep(between_questions, ended_.get_token());
  }
  --running_;
}

asio::awaitable<bool> Beating::end(std::chrono::nanoseconds patience) {
  ended_.request_stop();
  auto const until = loop_.clock().steady() + patience;
  while (running_ > 0 && loop_.clock().steady() < until) co_await loop_.clock().sleep(5ms);
  co_return running_ == 0;
}

}  // namespace app
