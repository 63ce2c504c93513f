#pragma once

#include <sys/types.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/environment.hpp"
#include "base/task.hpp"

namespace base {

// A program that runs beside ours, its three streams in our hands, in a process group of its own. It is
// killed when the thread that started it ends, however that comes (prctl(2), PR_SET_PDEATHSIG), and killed
// and reaped with this object. The streams are for one event loop. Ignore SIGPIPE before writing.
class Child {
 public:
  using Stream = asio::posix::stream_descriptor;

  // `words`: the program, a path or a name to look for in PATH, and its arguments, which every user of the
  // machine can see. It gets `environment` and none of our open files. absent: there is no such program, or
  // it can't be executed; transient: no process or pipe could be made.
  static Result<std::unique_ptr<Child>> start(std::vector<std::string> words, Environment const& environment,
                                              asio::any_io_executor const& executor);
  Child(Child const&) = delete;
  Child& operator=(Child const&) = delete;
  ~Child();

  pid_t pid() const { return pid_; }
  Stream& input() { return input_; }
  Stream& output() { return output_; }
  Stream& errors() { return errors_; }
  // To it and all that it started and that stayed in its group.
  void signal(int number);
  // Resumes when it has ended; several may wait.
  asio::awaitable<void> ended();
  // What it exited with, or 128 + N where signal N ended it. Waits for its end, so kill it first, or await
  // ended(). What is left of its group is killed.
  int reap();

 private:
  Child(asio::any_io_executor const& executor, pid_t pid);

  pid_t const pid_;
  bool reaped_ = false;
  int status_ = 0;
  Stream exit_;
  Stream input_;
  Stream output_;
  Stream errors_;
};

}  // namespace base
