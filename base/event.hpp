#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

namespace base {

// A condition variable for the coroutines of one event loop: wait in a loop on the condition itself.
class Event {
 public:
  explicit Event(boost::asio::any_io_executor const& executor)
      : timer_(executor, boost::asio::steady_timer::time_point::max()) {}
  // Resumes after the next notify(); a notify() before the wait is not remembered.
  boost::asio::awaitable<void> wait();
  void notify() { timer_.cancel(); }  // wakes all that wait

 private:
  boost::asio::steady_timer timer_;  // never elapses; cancelling is the notification
};

}  // namespace base
