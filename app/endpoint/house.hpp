#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <list>
#include <memory>

#include "app/endpoint/server.hpp"

namespace app {

class Session;

// Who is connected to a server, and whose turn it is: bounds what all of them may cost together. One thread.
class House {
 public:
  using Clock = std::chrono::steady_clock;
  using Guests = std::list<std::weak_ptr<Session>>;

  House(boost::asio::io_context& io, ServerLimits const& limits, Server::Work& work);

  ServerLimits const& limits() const { return limits_; }
  Server::Work const& work() const { return work_; }
  void refuse(Refusal why) { ++refusals_[why]; }
  Server::Refusals const& refusals() const { return refusals_; }

  // A place in the list, at the end of those heard of lately.
  Guests::iterator enter(std::shared_ptr<Session> const& session);
  void heard_of(Guests::iterator guest);
  void leave(Guests::iterator guest);
  // Calls back when there is room, after sending somebody away where nobody leaves by himself.
  void when_room(std::function<void()> then);
  // Calls back when the pace allows another request.
  void in_turn(std::function<void()> then);
  // Nobody is called back any more.
  void close();

 private:
  void make_room();
  void serve();

  boost::asio::io_context& io_;
  ServerLimits limits_;
  Server::Work& work_;
  Server::Refusals refusals_;
  Guests guests_;  // who was silent longest stands first
  std::function<void()> waiting_;
  boost::asio::steady_timer room_;
  std::deque<std::function<void()>> turns_;
  boost::asio::steady_timer pace_;
  bool pacing_ = false;
  unsigned left_;  // turns in this hundredth of a second
  Clock::time_point slot_{};
};

}  // namespace app
