#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <list>
#include <stop_token>

#include "app/loops.hpp"
#include "base/event.hpp"
#include "consumer/held.hpp"

namespace consumer {

// Renews the leases of held messages once half of one is over, and cancels the work on a message whose lease
// went to somebody else.
class Leases {
 public:
  Leases(app::Loop& loop, storage::Queue& queue, std::list<Held>& held, std::chrono::seconds lease);

  boost::asio::awaitable<void> keep(std::stop_token stop);
  // Resumes when no renewal of this message is on its way.
  boost::asio::awaitable<void> settled(Held& held);
  // Whether the message may still be written: neither lost nor, by our clock, run out.
  bool alive(Held const& held) const;

 private:
  boost::asio::awaitable<void> renew();

  app::Loop& loop_;
  storage::Queue& queue_;
  std::list<Held>& held_;
  std::chrono::seconds lease_;
  base::Event renewed_;
};

}  // namespace consumer
