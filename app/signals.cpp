#include "app/signals.hpp"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <mutex>
#include <thread>

#include "app/common.hpp"

namespace app {

struct Signals::State {
  explicit State(base::Log& log_) : log(log_) {}
  void first();

  base::Log& log;
  boost::asio::io_context io{1};
  boost::asio::signal_set signals{io, SIGINT, SIGTERM};
  std::mutex mutex;
  std::function<void()> drain;
  std::jthread thread;
};

void Signals::State::first() {
  std::scoped_lock const lock(mutex);
  if (!drain) {
    log.write(base::Level::info, "stopped before anything was begun");
    _exit(exit_partly);
  }
  drain();
  signals.async_wait([](boost::system::error_code error, int) {
    if (!error) _exit(exit_partly);
  });
}

Signals::Signals(base::Log& log) : state_(std::make_unique<State>(log)) {
  State& state = *state_;
  state.signals.async_wait([&state](boost::system::error_code error, int) {
    if (!error) state.first();
  });
  state.thread = std::jthread([&state] { state.io.run(); });
}

Signals::~Signals() { state_->io.stop(); }

void Signals::drain_by(std::function<void()> drain) {
  std::scoped_lock const lock(state_->mutex);
  state_->drain = std::move(drain);
}

}  // namespace app
