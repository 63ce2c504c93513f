#pragma once

#include <exception>
#include <string>

#include "storage/core/rejected.hpp"

struct sqlite3;

namespace storage::sqlite {

// Thrown between a statement and the edge of its job, never beyond the worker thread: every step of every
// statement can fail, and every failure ends its job.
class Failure final : public std::exception {
 public:
  explicit Failure(Error error) : error_(std::move(error)) {}
  Error const& error() const noexcept { return error_; }
  char const* what() const noexcept override { return error_.message.c_str(); }

 private:
  Error error_;
};

// A result code of SQLite (sqlite.org/rescode.html) or errno as a sentence about the file.
// transient: full, locked, a failed read or write; invalid: damaged, no database; denied: not writable.
Error error_of_sqlite(int code, int system_error, std::string const& detail, std::string const& path);
Error error_of_system(int system_error, std::string const& path);

// Throws what the connection says about `code`.
[[noreturn]] void fail(sqlite3* connection, int code, std::string const& path);

}  // namespace storage::sqlite
