// How a Core lets requests wait for a connection, rather than making one for each at once.
#include <algorithm>
#include <ctime>

#include "http/curl/core.hpp"

namespace http::curl {

namespace {

using namespace std::chrono_literals;

// So many connections to an origin are made without a thought,
constexpr std::size_t first_connections = 64;
// and so many at a time: a handshake needs tens of KiB, and what the first one brings spares the next half
// the work. Where many stand, the way is known to be good, and more may be made at a time.
constexpr std::size_t most_dialing = 256;
// So often we look who still waits, and all who do get connections of their own; but where this loop itself
// has been busy all the time, another connection would bring nothing, and a request may wait longer.
constexpr auto moment = 5ms;
constexpr auto patience = 100ms;
constexpr double busy = 0.9;

std::chrono::nanoseconds time_at_work() {
  timespec spent{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec);
}

std::size_t most_at_a_time(Route const& route) {
  return std::clamp(route.standing, first_connections, most_dialing);
}

}  // namespace

bool Core::crowded(Route const& route) {
  return !route.waiting.empty() || route.standing + route.dialing >= first_connections;
}

void Core::queue(Exchange& exchange) {
  exchange.queued = now_;
  exchange.waiting = true;
  exchange.route->waiting.push_back(&exchange);
  watch_queue();
}

void Core::unqueue(Exchange& exchange) noexcept {
  if (!exchange.waiting) return;
  exchange.waiting = false;
  auto& waiting = exchange.route->waiting;
  waiting.erase(std::find(waiting.begin(), waiting.end(), &exchange));
}

void Core::watch_queue() {
  if (queue_watched_ || closed_) return;
  queue_watched_ = true;
  auto const began = std::chrono::steady_clock::now();
  queue_timer_.expires_at(began + moment);
  queue_timer_.async_wait(
      [weak = weak_from_this(), began, worked = time_at_work()](boost::system::error_code error) {
        auto const self = weak.lock();
        if (error || !self || self->closed_) return;
        self->queue_watched_ = false;
        self->now_ = std::chrono::steady_clock::now();
        std::chrono::duration<double> const work = time_at_work() - worked;
        std::chrono::duration<double> const time = self->now_ - began;
        self->go_through_queue(work > busy * time ? patience : 0ms);
      });
}

void Core::go_through_queue(std::chrono::milliseconds wait) {
  bool left = false;
  for (auto const& route : routes_) {
    auto& waiting = route->waiting;
    while (!waiting.empty() && route->dialing < most_at_a_time(*route) &&
           now_ - waiting.front()->queued >= wait) {
      Exchange& first = *waiting.front();
      unqueue(first);
      if (auto error = connect(first)) {
        first.error = std::move(error);
        finish(first);
      }
    }
    left = left || !waiting.empty();
  }
  if (left) watch_queue();
}

}  // namespace http::curl
