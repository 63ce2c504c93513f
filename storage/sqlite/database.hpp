#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/jobs.hpp"
#include "storage/sqlite/lock.hpp"

namespace storage::sqlite {

struct Settings {
  std::chrono::milliseconds patience{10'000};  // longest wait for other programs that hold the file
};

// One SQLite file for one event loop: a thread with one connection runs the jobs of all queues and tables in
// it, so the loop never waits for the disk.
//
// Group commit: all jobs that wait are run in one transaction and resumed once it is on disk. A job that
// fails is undone alone. Destroying ends the thread after the transaction in hand; jobs that still wait, and
// later ones, end in `cancelled`. Must be destroyed before its event loop.
class Database {
 public:
  Database(boost::asio::any_io_executor executor, std::string path, Settings settings = {});
  ~Database();
  Database(Database const&) = delete;
  Database& operator=(Database const&) = delete;

  std::shared_ptr<Jobs> const& jobs() const { return jobs_; }

 private:
  void work();
  void open();
  void run(Jobs::Batch& batch);
  void run_transaction(Jobs::Batch& batch, Access access);
  void close() noexcept;

  boost::asio::any_io_executor executor_;
  std::string path_;
  std::shared_ptr<Jobs> jobs_;
  // Below: of the worker thread only.
  Lock lock_;
  std::unique_ptr<Connection> connection_;
  std::thread thread_;
};

}  // namespace storage::sqlite
