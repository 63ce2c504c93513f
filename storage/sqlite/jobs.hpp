#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "storage/sqlite/connection.hpp"

namespace storage::sqlite {

// Work that waits for a database's thread: what coroutines and the thread share. Coroutines keep it alive;
// it keeps neither thread nor file alive.
class Jobs {
 public:
  // One piece of work and the coroutine that waits for it. `work` may run more than once or be undone: only
  // its last result counts, and only where `outcome` is a success. It throws a Failure to be undone.
  class Job {
   public:
    Job(Access kind, std::function<void(Connection&)> const& todo, Result<>& result)
        : access(kind), work(todo), outcome(result) {}
    virtual ~Job() = default;
    virtual void resume() = 0;  // on the event loop

    Access const access;
    std::function<void(Connection&)> const& work;
    Result<>& outcome;
  };
  using Batch = std::vector<std::unique_ptr<Job>>;

  explicit Jobs(std::function<void()> start) : start_(std::move(start)) {}

  // Runs `work` on the database's thread and gives its result once that is on disk. `work` may refer to what
  // lives until then.
  template <class T>
  Task<T> run(Access access, std::function<T(Connection&)> work);

  // For the thread: waits for work. Empty: it is over.
  Batch take();
  // No more work is taken. What still waits comes back.
  Batch close();

  Patience patience;

 private:
  void add(std::unique_ptr<Job> job);
  boost::asio::awaitable<void> submit(Access access, std::function<void(Connection&)> const& work,
                                      Result<>& outcome);

  std::function<void()> start_;  // called once, by the first job
  std::mutex mutex_;
  std::condition_variable arrived_;
  Batch waiting_;
  bool started_ = false;
  bool closed_ = false;
};

inline Error cancelled() { return {Errc::cancelled, "the work was stopped"}; }

template <class T>
Task<T> Jobs::run(Access access, std::function<T(Connection&)> work) {
  std::optional<T> value;
  std::function<void(Connection&)> const store = [&value, &work](Connection& connection) {
    value.emplace(work(connection));
  };
  Result<> outcome = cancelled();
  co_await submit(access, store, outcome);
  // `this` may be gone by now.
  if (!outcome) co_return outcome.error();
  co_return std::move(*value);
}

// Compiled once: g++ 12's link-time optimisation takes equal coroutine frames of two files for different.
extern template Task<bool> Jobs::run(Access, std::function<bool(Connection&)>);
extern template Task<std::int64_t> Jobs::run(Access, std::function<std::int64_t(Connection&)>);

}  // namespace storage::sqlite
