#include "app/signals.hpp"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <thread>

namespace app {

struct Signals::State {
  boost::asio::io_context io{1};
  boost::asio::signal_set signals{io, SIGINT, SIGTERM};
  std::function<void()> drain;
  std::jthread thread;
};

Signals::Signals(std::function<void()> drain) : state_(std::make_unique<State>()) {
  std::signal(SIGPIPE, SIG_IGN);
  state_->drain = std::move(drain);
  State& state = *state_;
  state.signals.async_wait([&state](boost::system::error_code error, int) {
    if (error) return;
    state.drain();
    state.signals.async_wait([](boost::system::error_code again, int) {
      if (!again) _exit(1);
    });
  });
  state.thread = std::jthread([&state] { state.io.run(); });
}

Signals::~Signals() { state_->io.stop(); }

}  // namespace app
