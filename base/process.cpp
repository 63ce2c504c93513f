#include "base/process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstring>
#include <memory>
#include <stop_token>

#include "base/gather.hpp"

namespace base {

namespace {

using Descriptor = asio::posix::stream_descriptor;

bool is_program(std::string const& path) {
  struct stat found{};
  return stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) && access(path.c_str(), X_OK) == 0;
}

class Pipe {
 public:
  Pipe() { valid_ = pipe2(ends_.data(), O_CLOEXEC) == 0; }
  Pipe(Pipe const&) = delete;
  Pipe& operator=(Pipe const&) = delete;
  ~Pipe() {
    if (!valid_) return;
    if (ends_[0] >= 0) close(ends_[0]);
    close(ends_[1]);
  }
  bool valid() const { return valid_; }
  int take_reader() { return std::exchange(ends_[0], -1); }
  int writer() const { return ends_[1]; }

 private:
  std::array<int, 2> ends_{-1, -1};
  bool valid_ = false;
};

// What is handed to posix_spawn: streams, signals as a fresh program expects them, a group of its own.
class SpawnOptions {
 public:
  SpawnOptions(int output, int errors) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  SpawnOptions(SpawnOptions const&) = delete;
  SpawnOptions& operator=(SpawnOptions const&) = delete;
  ~SpawnOptions() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  posix_spawn_file_actions_t const* actions() const { return &actions_; }
  posix_spawnattr_t const* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

// A running child; killed and reaped where nobody waits for it any more.
class Child {
 public:
  Child(asio::any_io_executor const& executor, pid_t pid, int output_end, int errors_end)
      : pid_(pid), exit(executor), output(executor, output_end), errors(executor, errors_end) {}
  Child(Child const&) = delete;
  Child& operator=(Child const&) = delete;
  ~Child() {
    kill_all();
    reap();
  }

  bool watch() {
    // By its number: the header of glibc 2.36 does not declare pidfd_open for C++.
    int const handle = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
    if (handle >= 0) exit.assign(handle);
    return handle >= 0;
  }
  void kill_all() {
    if (pid_ > 0) kill(-pid_, SIGKILL);
  }
  int reap() {
    if (pid_ <= 0) return status_;
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    pid_ = -1;
    return status_;
  }
  // Ends the readers too: what has left the group may still hold the other ends.
  void abandon() {
    kill_all();
    boost::system::error_code ignored;
    output.cancel(ignored);
    errors.cancel(ignored);
    abandoned = true;
  }

 private:
  pid_t pid_;
  int status_ = 0;

 public:
  Descriptor exit;
  Descriptor output;
  Descriptor errors;
  bool abandoned = false;
  bool timed_out = false;
  bool overflowed = false;
};

asio::awaitable<void> drain(Child& child, Descriptor& from, std::string& into, std::size_t at_most) {
  std::array<char, 4096> chunk{};
  boost::system::error_code failure;
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  while (!child.abandoned) {
    auto const read = co_await from.async_read_some(asio::buffer(chunk), token);
    if (failure) co_return;
    if (into.size() + read > at_most) {
      child.overflowed = true;
      child.abandon();
      co_return;
    }
    into.append(chunk.data(), read);
  }
}

asio::awaitable<void> wait_for_exit(Child& child) {
  boost::system::error_code failure;
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  co_await child.exit.async_wait(Descriptor::wait_read, token);
}

Result<std::shared_ptr<Child>> spawn(Command const& command, Environment const& environment,
                                     asio::any_io_executor const& executor) {
  auto const path = find_program(command.words.front(), environment);
  if (!path)
    return Error(Errc::absent, "there is no program \"" + command.words.front() + "\" in PATH: install it");
  Pipe output;
  Pipe errors;
  if (!output.valid() || !errors.valid())
    return Error(Errc::transient,
                 "no pipe to \"" + *path + "\" could be made: " + std::string(std::strerror(errno)));
  auto words = command.words;
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::vector<std::string> variables;
  for (auto const& name : environment.names(""))
    variables.push_back(name + '=' + environment.get(name).value_or(""));
  std::vector<char*> entries;
  for (auto& variable : variables) entries.push_back(variable.data());
  entries.push_back(nullptr);
  SpawnOptions const options(output.writer(), errors.writer());
  pid_t pid = -1;
  int const failed = posix_spawn(&pid, path->c_str(), options.actions(), options.attributes(),
                                 arguments.data(), entries.data());
  if (failed != 0)
    return Error(Errc::absent, '"' + *path + "\" can't be run: " + std::string(std::strerror(failed)));
  auto child = std::make_shared<Child>(executor, pid, output.take_reader(), errors.take_reader());
  if (!child->watch())
    return Error(Errc::transient, '"' + *path + "\" can't be waited for: " + std::strerror(errno));
  return child;
}

}  // namespace

std::optional<std::string> find_program(std::string_view program, Environment const& environment) {
  if (program.find('/') != std::string_view::npos) return std::string(program);
  auto const path = environment.get("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
  std::string_view rest = path;
  while (!rest.empty()) {
    auto const end = std::min(rest.find(':'), rest.size());
    auto const folder = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    // An empty folder would be the working directory, where anybody may have put something.
    if (folder.empty()) continue;
    auto candidate = std::string(folder) + '/' + std::string(program);
    if (is_program(candidate)) return candidate;
  }
  return std::nullopt;
}

Task<Finished> run_process(Command command, Environment const& environment, Clock& clock) {
  auto const executor = co_await asio::this_coro::executor;
  auto const spawned = spawn(command, environment, executor);
  if (!spawned) co_return spawned.error();
  auto const& child = *spawned;  // shared, and copied into what outlives this frame

  std::stop_source over;
  asio::co_spawn(executor, clock.sleep(command.limit, over.get_token()),
                 [child, token = over.get_token()](std::exception_ptr) {
                   if (token.stop_requested()) return;
                   child->timed_out = true;
                   child->abandon();
                 });
  std::string output;
  std::string errors;
  std::function<asio::awaitable<void>(std::size_t)> const part = [&](std::size_t index) {
    if (index == 0) return drain(*child, child->output, output, command.max_output);
    if (index == 1) return drain(*child, child->errors, errors, command.max_output);
    return wait_for_exit(*child);
  };
  co_await gather(3, 3, part);
  over.request_stop();

  Finished finished;
  finished.output = Secret(std::move(output));
  finished.errors = std::move(errors);
  finished.status = child->reap();
  auto const name = '"' + command.words.front() + '"';
  if (child->timed_out)
    co_return Error(Errc::transient,
                    name + " did not end within " +
                        std::to_string(std::chrono::ceil<std::chrono::seconds>(command.limit).count()) +
                        " s and was stopped");
  if (child->overflowed)
    co_return Error(Errc::too_large, name + " wrote more than " + std::to_string(command.max_output) +
                                         " bytes and was stopped");
  co_return finished;
}

}  // namespace base
