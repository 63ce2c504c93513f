#include "storage/sqlite/database.hpp"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>

#include <algorithm>
#include <boost/asio/post.hpp>

namespace storage::sqlite {
namespace asio = boost::asio;

namespace {

void resume(asio::any_io_executor const& executor, Jobs::Batch batch) {
  if (batch.empty()) return;
  // One wake-up of the loop for all of them.
  asio::post(executor, [batch = std::move(batch)] {
    for (auto const& job : batch) job->resume();
  });
}

void fail_all(Jobs::Batch& batch, Error const& error) {
  for (auto const& job : batch) job->outcome = error;
}

// Signals are for the program's own threads.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

Database::Database(asio::any_io_executor executor, std::string path, Settings settings)
    : executor_(std::move(executor)),
      path_(std::move(path)),
      jobs_(std::make_shared<Jobs>([this] { thread_ = std::thread([this] { work(); }); })),
      lock_(path_) {
  jobs_->patience.limit = settings.patience;
}

Database::~Database() {
  auto waiting = jobs_->close();
  fail_all(waiting, cancelled());
  resume(executor_, std::move(waiting));
  if (thread_.joinable()) thread_.join();
}

void Database::work() {
  block_signals();
  // Short sleeps in Lock shall be short: the kernel adds 50 µs to each by default.
  prctl(PR_SET_TIMERSLACK, 1UL);
  for (auto batch = jobs_->take(); !batch.empty(); batch = jobs_->take()) {
    run(batch);
    resume(executor_, std::move(batch));
  }
  close();
}

void Database::run(Jobs::Batch& batch) {
  try {
    auto access = Access::read;
    for (auto const& job : batch) access = std::max(access, job->access);
    if (!connection_) open();
    if (access == Access::read) {
      run_transaction(batch, access);
      return;
    }
    Held const held(lock_, jobs_->patience);
    connection_->check_in_place();
    run_transaction(batch, access);
    connection_->checkpoint_when_due();
  } catch (Failure const& failure) {
    fail_all(batch, failure.error());
  } catch (std::exception const& failure) {
    Error const error(Errc::transient, path_ + ": " + failure.what());
    fail_all(batch, error);
  }
}

void Database::open() {
  Held const held(lock_, jobs_->patience);
  connection_ = std::make_unique<Connection>(path_, jobs_->patience);
}

// Throws what undid the whole transaction.
void Database::run_transaction(Jobs::Batch& batch, Access access) {
  auto& connection = *connection_;
  bool committing = false;
  try {
    connection.begin(access);
    for (auto const& job : batch) {
      job->outcome = boost::system::in_place_value;
      bool const guarded = batch.size() > 1 && job->access != Access::read;
      if (!guarded) {
        job->work(connection);
        continue;
      }
      connection.run("SAVEPOINT job");
      try {
        job->work(connection);
      } catch (Failure const& failure) {
        if (!connection.in_transaction()) throw;  // SQLite has undone all of it: a full disk, for one
        connection.run("ROLLBACK TO job");
        job->outcome = failure.error();
      }
      connection.run("RELEASE job");
    }
    committing = true;
    connection.commit();
  } catch (Failure const& failure) {
    connection.rollback();
    auto error = failure.error();
    // A log that was written but could not be synced may be found whole after a crash.
    error.maybe_applied = committing && access != Access::read;
    throw Failure(error);
  } catch (...) {
    connection.rollback();
    throw;
  }
}

void Database::close() noexcept {
  if (!connection_) return;
  try {
    Patience shortly;
    shortly.limit = shortly.turn = std::chrono::milliseconds(200);
    Held const held(lock_, shortly);
    connection_->checkpoint_at_end();
    connection_.reset();
  } catch (Failure const&) {
    connection_.reset();  // the log stays and is read by the next one who opens the file
  }
}

}  // namespace storage::sqlite
