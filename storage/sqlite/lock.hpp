#pragma once

#include <string>

#include "storage/sqlite/patience.hpp"

namespace storage::sqlite {

// Excludes all other writers and checkpoints of one database file, in this process and in others, by locks
// on the side file PATH-lock. The kernel drops them when a process dies. Use from one thread.
//
// Two bytes of the side file are locked: who wants to write takes the turn first, waits with it for the file,
// and passes the turn on. So a writer that has just finished can't slip in again before one that waits.
class Lock {
 public:
  explicit Lock(std::string database) : database_(std::move(database)), path_(database_ + "-lock") {}
  ~Lock();
  Lock(Lock const&) = delete;
  Lock& operator=(Lock const&) = delete;

  // Throws a Failure: transient when others hold it for longer than patience allows, or as for opening a
  // file.
  void acquire(Patience const& patience);
  void release() noexcept;

 private:
  void open();
  bool is_current() const;
  std::string database_;
  std::string path_;
  int file_ = -1;
};

// Holds a lock as long as it lives.
class Held {
 public:
  Held(Lock& lock, Patience const& patience) : lock_(lock) { lock_.acquire(patience); }
  ~Held() { lock_.release(); }
  Held(Held const&) = delete;
  Held& operator=(Held const&) = delete;

 private:
  Lock& lock_;
};

}  // namespace storage::sqlite
