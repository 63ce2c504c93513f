#include "storage/sqlite/lock.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "storage/sqlite/error.hpp"

namespace storage::sqlite {

namespace {

enum Byte { turn = 0, file = 1 };

// Open-file-description locks: unlike flock() they know bytes, unlike POSIX locks they belong to this
// descriptor and not to the process.
bool change(int descriptor, short type, Byte byte) {
  struct flock range{};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = byte;
  range.l_len = 1;
  return ::fcntl(descriptor, F_OFD_SETLK, &range) == 0;
}

// Asks again in short steps, since the kernel's own wait can't be bounded without signals.
void wait_for(int descriptor, Byte byte, Patience const& patience, std::string const& path) {
  using namespace std::chrono_literals;
  auto const start = std::chrono::steady_clock::now();
  while (!change(descriptor, F_WRLCK, byte)) {
    if (errno != EAGAIN && errno != EACCES && errno != EINTR) throw Failure(error_of_system(errno, path));
    auto const waited = std::chrono::steady_clock::now() - start;
    if (patience.ending.load()) throw Failure(Error(Errc::cancelled, "the work was stopped"));
    if (waited > patience.turn) throw Failure(error_of_sqlite(SQLITE_BUSY, 0, {}, path));
    std::this_thread::sleep_for(waited < 5ms ? 50us : waited < 50ms ? 250us : 1000us);
  }
}

}  // namespace

Lock::~Lock() {
  if (file_ >= 0) ::close(file_);
}

void Lock::open() {
  if (file_ >= 0) ::close(file_);
  file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file_ < 0) throw Failure(error_of_system(errno, database_));
}

// Whether the descriptor is still the file that others find under the name.
bool Lock::is_current() const {
  struct stat named{};
  struct stat opened{};
  return ::stat(path_.c_str(), &named) == 0 && ::fstat(file_, &opened) == 0 &&
         named.st_ino == opened.st_ino && named.st_dev == opened.st_dev;
}

void Lock::acquire(Patience const& patience) {
  if (file_ < 0) open();
  for (;;) {
    wait_for(file_, turn, patience, database_);
    try {
      wait_for(file_, file, patience, database_);
    } catch (...) {
      change(file_, F_UNLCK, turn);
      throw;
    }
    change(file_, F_UNLCK, turn);
    if (is_current()) return;
    open();
  }
}

void Lock::release() noexcept { change(file_, F_UNLCK, file); }

}  // namespace storage::sqlite
