#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "storage/sqlite/error.hpp"
#include "storage/sqlite/patience.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace storage::sqlite {

// One use of a prepared statement: parameters are bound in order; it is ready for its next use once this has
// died. All functions throw a Failure.
class Statement {
 public:
  Statement(sqlite3_stmt* statement, std::string const& path) : statement_(statement), path_(path) {}
  ~Statement();
  Statement(Statement const&) = delete;
  Statement& operator=(Statement const&) = delete;

  Statement& bind(std::int64_t value);
  Statement& bind(std::string_view text);  // not copied: lives as long as the statement
  Statement& bind_null();
  bool step();  // true: there is a row
  void run() {
    while (step()) {
    }
  }
  // The same statement again with other parameters.
  void again();

  std::int64_t integer(int column) const;
  std::string text(int column) const;
  bool is_null(int column) const;

 private:
  sqlite3_stmt* statement_;
  std::string const& path_;
  int bound_ = 0;
};

// `lease` writes what need not outlive the machine: it is on disk with the next `write`, at the latest.
enum class Access { read, lease, write };

// One open SQLite file of ours, in WAL mode, synced as Access says, that never checkpoints by itself. Belongs
// to the worker thread.
class Connection {
 public:
  // Opens the file, makes it where it is absent, and checks that it is ours. Call with the lock held. Throws
  // a Failure.
  Connection(std::string path, Patience const& patience);
  ~Connection();
  Connection(Connection const&) = delete;
  Connection& operator=(Connection const&) = delete;

  // `sql` is a literal: statements are prepared once and kept by its address.
  Statement prepare(char const* sql);
  void run(char const* sql) { prepare(sql).run(); }
  std::int64_t changes() const;  // rows that the last statement changed
  std::int64_t last_row() const;

  void begin(Access access);
  void commit();
  void rollback() noexcept;
  bool in_transaction() const;

  // Throws where the file was removed or replaced: what is written then is lost.
  void check_in_place() const;
  // Copies the log back into the file and lets the next writer begin it anew, once it has grown. Call with
  // the lock held.
  void checkpoint_when_due() noexcept;
  // The same now; afterwards the file is complete without its log, unless others still read.
  void checkpoint_at_end() noexcept;

 private:
  void open();
  void configure();
  void execute(char const* sql);
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  static int on_busy(void* self, int times);
  static int on_commit(void* self, sqlite3*, char const*, int pages);

  std::string path_;
  Patience const& patience_;
  std::unique_ptr<sqlite3, Close> connection_;
  std::map<char const*, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;
  std::int64_t busy_since_ = 0;
  Access synced_ = Access::write;  // what PRAGMA synchronous is set for
  bool patient_ = true;            // false while a checkpoint asks: it can as well come later
  int log_pages_ = 0;
  int checkpoint_at_;
  ino_t inode_ = 0;
  dev_t device_ = 0;
};

}  // namespace storage::sqlite
