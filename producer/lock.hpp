#pragma once

#include <string>

#include "base/error.hpp"

namespace producer {

// One producer at a time for a manifest: an advisory lock on FILE.lock, gone with the process that holds it.
class Lock {
 public:
  Lock() = default;
  // conflict: another process holds it; invalid: the file can't be made.
  static base::Result<Lock> take(std::string const& manifest);
  Lock(Lock&& other) noexcept;
  Lock& operator=(Lock&& other) noexcept;
  Lock(Lock const&) = delete;
  Lock& operator=(Lock const&) = delete;
  ~Lock();

 private:
  std::string path_;
  int fd_ = -1;
};

}  // namespace producer
