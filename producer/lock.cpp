#include "producer/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace producer {

using base::Errc;
using base::Error;

namespace {

// Whoever held the lock before may have removed the file after we opened it: then ours is a lock on nothing.
bool still_there(int fd, std::string const& path) {
  struct stat opened{};
  struct stat named{};
  return ::fstat(fd, &opened) == 0 && ::stat(path.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
         opened.st_dev == named.st_dev;
}

}  // namespace

base::Result<Lock> Lock::take(std::string const& manifest) {
  Lock lock;
  lock.path_ = manifest + ".lock";
  for (;;) {
    lock.fd_ = ::open(lock.path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lock.fd_ < 0) return Error(Errc::invalid, "cannot make " + lock.path_ + ": " + std::strerror(errno));
    if (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
      ::close(std::exchange(lock.fd_, -1));
      return Error(Errc::conflict, "another producer is sending this run now: it holds " + lock.path_);
    }
    if (still_there(lock.fd_, lock.path_)) return lock;
    ::close(std::exchange(lock.fd_, -1));
  }
}

Lock::Lock(Lock&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

Lock& Lock::operator=(Lock&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  return *this;
}

Lock::~Lock() {
  if (fd_ < 0) return;
  ::unlink(path_.c_str());
  ::close(fd_);
}

}  // namespace producer
