#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "base/child.hpp"
#include "base/clock.hpp"
#include "base/event.hpp"
#include "base/log.hpp"
#include "consumer/worker_line.hpp"

namespace consumer {

// One job on its way, shared by who waits for it and the worker that has it.
struct Call {
  explicit Call(boost::asio::any_io_executor const& executor) : settled(executor) {}
  Job job;
  bool wanted = true;  // somebody still waits
  bool done = false;
  bool untouched = false;  // its worker had ended of its own accord: give it to another
  Verdict verdict;
  base::Event settled;
  std::stop_source over;      // ends the watch on its time
  std::stop_source unwanted;  // ends the wait for a worker to start

  void settle(Verdict verdict_);
};

// One worker, from its start to its end. Tended by coroutines that keep it alive.
class WorkerProcess : public std::enable_shared_from_this<WorkerProcess> {
 public:
  struct World {
    boost::asio::any_io_executor executor;
    base::Clock& clock;
    base::Log& log;
    std::chrono::nanoseconds limit;
    std::size_t longest_line;
  };
  // `freed` when it has answered; `gone`, once, when it has ended, after its call was settled.
  WorkerProcess(World world, std::unique_ptr<base::Child> child, std::function<void()> freed,
                std::function<void()> gone);

  void tend();  // begins to read from it
  void give(std::shared_ptr<Call> call);
  void ask_to_end();
  void kill(std::string why);
  bool has_call() const { return call_ != nullptr; }

 private:
  boost::asio::awaitable<void> read_answers();
  boost::asio::awaitable<void> read_errors();
  boost::asio::awaitable<void> watch_end();
  boost::asio::awaitable<void> write(std::shared_ptr<Call> call);
  boost::asio::awaitable<void> watch_time(std::shared_ptr<Call> call);
  void take_line(std::string_view line);
  void take_error_line(std::string_view line);
  void report(base::Level level, std::string const& text);
  std::string name() const;

  World world_;
  std::unique_ptr<base::Child> child_;
  std::function<void()> freed_;
  std::function<void()> gone_;
  std::shared_ptr<Call> call_;
  std::stop_source ended_;
  std::string why_;           // it was killed
  bool names_calls_ = false;  // it has said which call an answer is for: from then on it must
  bool written_ = true;       // it has been given its whole line
  int error_lines_ = 0;       // logged in this second
  std::size_t dropped_lines_ = 0;
  base::Steady second_{};
};

}  // namespace consumer
