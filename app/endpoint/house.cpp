#include "app/endpoint/house.hpp"

#include <algorithm>

#include "app/endpoint/session.hpp"

namespace app {

namespace {

constexpr std::chrono::milliseconds slot{10};

}  // namespace

House::House(boost::asio::io_context& io, ServerLimits const& limits, Server::Work& work)
    : io_(io), limits_(limits), work_(work), room_(io), pace_(io), left_(0) {}

House::Guests::iterator House::enter(std::shared_ptr<Session> const& session) {
  return guests_.insert(guests_.end(), session);
}

void House::heard_of(Guests::iterator guest) { guests_.splice(guests_.end(), guests_, guest); }

void House::leave(Guests::iterator guest) {
  guests_.erase(guest);
  if (waiting_) make_room();
}

void House::when_room(std::function<void()> then) {
  waiting_ = std::move(then);
  make_room();
}

void House::make_room() {
  if (guests_.size() < limits_.connections) {
    room_.cancel();
    auto const then = std::move(waiting_);
    waiting_ = nullptr;
    boost::asio::post(io_, then);
    return;
  }
  auto const oldest = guests_.front().lock();
  auto const due = oldest ? oldest->silent_since() + limits_.polite : Clock::now();
  if (oldest && due <= Clock::now()) {
    refuse(Refusal::crowded);
    oldest->send_away();  // its end makes room
    return;
  }
  room_.expires_at(due);
  room_.async_wait([this](boost::system::error_code error) {
    if (!error && waiting_) make_room();
  });
}

void House::close() {
  waiting_ = nullptr;
  auto const dropped = std::move(turns_);
}

void House::in_turn(std::function<void()> then) {
  turns_.push_back(std::move(then));
  if (!pacing_) serve();
}

void House::serve() {
  auto const now = Clock::now();
  if (now - slot_ >= slot) {
    slot_ = now;
    left_ = std::max(limits_.per_second / 100, 1U);
  }
  while (left_ > 0 && !turns_.empty()) {
    --left_;
    auto const then = std::move(turns_.front());
    turns_.pop_front();
    then();
  }
  pacing_ = !turns_.empty();
  if (!pacing_) return;
  pace_.expires_at(slot_ + slot);
  pace_.async_wait([this](boost::system::error_code error) {
    if (!error) serve();
  });
}

}  // namespace app
