#include "storage/sqlite/jobs.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace storage::sqlite {
namespace asio = boost::asio;

namespace {

template <class Handler>
class Waiting final : public Jobs::Job {
 public:
  Waiting(Access kind, std::function<void(Connection&)> const& todo, Result<>& result, Handler handler)
      : Job(kind, todo, result),
        handler_(std::move(handler)),
        loop_(asio::prefer(asio::get_associated_executor(handler_),
                           asio::execution::outstanding_work.tracked)) {}
  void resume() override { asio::dispatch(loop_, std::move(handler_)); }

 private:
  Handler handler_;
  asio::any_io_executor loop_;  // kept at work until we resume
};

}  // namespace

template Task<bool> Jobs::run(Access, std::function<bool(Connection&)>);
template Task<std::int64_t> Jobs::run(Access, std::function<std::int64_t(Connection&)>);

asio::awaitable<void> Jobs::submit(Access access, std::function<void(Connection&)> const& work,
                                   Result<>& outcome) {
  auto const initiate = [this, access, &work, &outcome](auto handler) {
    add(std::make_unique<Waiting<decltype(handler)>>(access, work, outcome, std::move(handler)));
  };
  auto const token = asio::use_awaitable;
  co_await asio::async_initiate<asio::use_awaitable_t<> const, void()>(initiate, token);
}

void Jobs::add(std::unique_ptr<Job> job) {
  bool first = false;
  std::unique_ptr<Job> refused;
  {
    std::lock_guard const guard(mutex_);
    if (closed_) {
      refused = std::move(job);
    } else {
      first = !started_;
      started_ = true;
      waiting_.push_back(std::move(job));
    }
  }
  if (refused) {
    refused->outcome = cancelled();
    refused->resume();
    return;
  }
  if (first)
    start_();
  else
    arrived_.notify_one();
}

Jobs::Batch Jobs::take() {
  std::unique_lock guard(mutex_);
  arrived_.wait(guard, [this] { return closed_ || !waiting_.empty(); });
  if (closed_) return {};
  return std::exchange(waiting_, {});
}

Jobs::Batch Jobs::close() {
  patience.ending = true;
  std::lock_guard const guard(mutex_);
  closed_ = true;
  arrived_.notify_all();
  return std::exchange(waiting_, {});
}

}  // namespace storage::sqlite
