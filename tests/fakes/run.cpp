#include "fakes/run.hpp"

namespace fakes {

void run(boost::asio::io_context& loop, boost::asio::awaitable<void> task) {
  bool done = false;
  std::exception_ptr failure;
  boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr thrown) {
    failure = thrown;
    done = true;
  });
  loop.restart();
  while (!done && loop.run_one() > 0) {
  }
  if (failure) std::rethrow_exception(failure);
  if (!done) throw std::logic_error("the coroutine waits for something that nothing will bring");
}

}  // namespace fakes
