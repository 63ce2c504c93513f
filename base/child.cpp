#include "base/child.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/process.hpp"

namespace base {

namespace {

// Both ends above the standard streams, or a child's own could be overwritten while they are put in place.
class Ends {
 public:
  Ends() {
    std::array<int, 2> made{-1, -1};
    if (pipe2(made.data(), O_CLOEXEC) != 0) return;
    for (std::size_t i = 0; i < 2; ++i) {
      ends_[i] = fcntl(made[i], F_DUPFD_CLOEXEC, 3);
      close(made[i]);
    }
  }
  Ends(Ends const&) = delete;
  Ends& operator=(Ends const&) = delete;
  ~Ends() {
    for (int const end : ends_)
      if (end >= 0) close(end);
  }
  bool valid() const { return ends_[0] >= 0 && ends_[1] >= 0; }
  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  int take_reader() { return std::exchange(ends_[0], -1); }
  int take_writer() { return std::exchange(ends_[1], -1); }

 private:
  std::array<int, 2> ends_{-1, -1};
};

struct Plan {
  char const* path;
  char* const* arguments;
  char* const* environment;
  int input, output, errors, status;
  pid_t parent;
};

// In the new process, between fork and exec: only what is safe in a signal handler.
[[noreturn]] void become(Plan const& plan) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != plan.parent) _exit(127);  // it ended before it could be watched
  setpgid(0, 0);
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  bool const placed = dup2(plan.input, STDIN_FILENO) >= 0 && dup2(plan.output, STDOUT_FILENO) >= 0 &&
                      dup2(plan.errors, STDERR_FILENO) >= 0;
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  if (placed) execve(plan.path, plan.arguments, plan.environment);
  int const reason = errno;
  while (write(plan.status, &reason, sizeof reason) < 0 && errno == EINTR) {
  }
  _exit(127);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (auto& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

Error no_process(std::string const& path) {
  return {Errc::transient, '"' + path + "\" can't be started: " + std::strerror(errno)};
}

}  // namespace

Child::Child(asio::any_io_executor const& executor, pid_t pid)
    : pid_(pid), exit_(executor), input_(executor), output_(executor), errors_(executor) {}

Result<std::unique_ptr<Child>> Child::start(std::vector<std::string> words, Environment const& environment,
                                            asio::any_io_executor const& executor) {
  auto const path = find_program(words.front(), environment);
  if (!path) return Error(Errc::absent, "there is no program \"" + words.front() + "\" in PATH: install it");
  std::vector<std::string> variables;
  for (auto const& name : environment.names(""))
    variables.push_back(name + '=' + environment.get(name).value_or(""));
  auto const arguments = pointers(words);
  auto const entries = pointers(variables);
  Ends input;
  Ends output;
  Ends errors;
  Ends status;
  if (!input.valid() || !output.valid() || !errors.valid() || !status.valid()) return no_process(*path);
  Plan const plan{path->c_str(),   arguments.data(), entries.data(),  input.reader(),
                  output.writer(), errors.writer(),  status.writer(), getpid()};
  pid_t const pid = fork();
  if (pid < 0) return no_process(*path);
  if (pid == 0) become(plan);
  setpgid(pid, pid);  // whoever is first; a signal to the group must not come too early
  std::unique_ptr<Child> child(new Child(executor, pid));
  close(status.take_writer());
  int reason = 0;
  ssize_t got = 0;
  while ((got = read(status.reader(), &reason, sizeof reason)) < 0 && errno == EINTR) {
  }
  if (got > 0) return Error(Errc::absent, '"' + *path + "\" can't be run: " + std::strerror(reason));
  // By its number: the header of glibc 2.36 does not declare pidfd_open for C++.
  int const handle = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (handle < 0) return no_process(*path);
  child->exit_.assign(handle);
  child->input_.assign(input.take_writer());
  child->output_.assign(output.take_reader());
  child->errors_.assign(errors.take_reader());
  return child;
}

Child::~Child() {
  signal(SIGKILL);
  reap();
}

void Child::signal(int number) {
  if (!reaped_) kill(-pid_, number);
}

asio::awaitable<void> Child::ended() {
  boost::system::error_code failure;
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  co_await exit_.async_wait(Stream::wait_read, token);
}

int Child::reap() {
  if (reaped_) return status_;
  siginfo_t info{};
  // Its number stays taken until the group is gone: a group of somebody else must not be hit.
  while (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
  }
  signal(SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  reaped_ = true;
  status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return status_;
}

}  // namespace base
