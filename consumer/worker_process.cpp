#include "consumer/worker_process.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <csignal>

#include "app/loops.hpp"

namespace consumer {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t longest_error_line = 1000;
constexpr int error_lines_a_second = 100;

std::string quoted(std::string_view line) {
  return '"' + std::string(line.substr(0, 100)) + (line.size() > 100 ? "…\"" : "\"");
}

std::string how_it_ended(int status) {
  if (status > 128) return "was ended by signal " + std::to_string(status - 128);
  return "ended with exit code " + std::to_string(status);
}

}  // namespace

void Call::settle(Verdict verdict_) {
  if (done) return;
  done = true;
  verdict = std::move(verdict_);
  over.request_stop();
  settled.notify();
}

WorkerProcess::WorkerProcess(World world, std::unique_ptr<base::Child> child, std::function<void()> freed,
                             std::function<void()> gone)
    : world_(std::move(world)), child_(std::move(child)), freed_(std::move(freed)), gone_(std::move(gone)) {}

void WorkerProcess::tend() {
  auto const keep = [self = shared_from_this()](std::exception_ptr const& thrown) { app::rethrow(thrown); };
  asio::co_spawn(world_.executor, read_answers(), keep);
  asio::co_spawn(world_.executor, read_errors(), keep);
  asio::co_spawn(world_.executor, watch_end(), keep);
}

void WorkerProcess::give(std::shared_ptr<Call> call) {
  call_ = call;
  written_ = false;
  auto const keep = [self = shared_from_this()](std::exception_ptr const& thrown) { app::rethrow(thrown); };
  asio::co_spawn(world_.executor, write(call), keep);
  asio::co_spawn(world_.executor, watch_time(std::move(call)), keep);
}

void WorkerProcess::ask_to_end() {
  boost::system::error_code ignored;
  child_->input().close(ignored);
  child_->signal(SIGTERM);
}

void WorkerProcess::kill(std::string why) {
  if (why_.empty()) why_ = std::move(why);
  child_->signal(SIGKILL);
  // What has left its group may still hold the other ends.
  boost::system::error_code ignored;
  child_->output().cancel(ignored);
  child_->errors().cancel(ignored);
  child_->input().close(ignored);
}

asio::awaitable<void> WorkerProcess::write(std::shared_ptr<Call> call) {
  auto const line = encode(call->job);
  boost::system::error_code failure;
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  auto const text = asio::buffer(line);
  co_await asio::async_write(child_->input(), text, token);
  if (!failure && call_ == call)
    written_ = true;  // a failure: it has ended, or closed its input and will not answer
}

asio::awaitable<void> WorkerProcess::watch_time(std::shared_ptr<Call> call) {
  co_await world_.clock.sleep(world_.limit, call->over.get_token());
  if (call->done) co_return;
  kill("gave no answer within " +
       std::to_string(std::chrono::ceil<std::chrono::milliseconds>(world_.limit).count()) +
       " ms and was killed");
}

asio::awaitable<void> WorkerProcess::read_answers() {
  std::array<char, 16384> chunk{};
  std::string buffer;
  boost::system::error_code failure;
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  auto const space = asio::buffer(chunk);
  while (why_.empty()) {
    auto const got = co_await child_->output().async_read_some(space, token);
    if (failure) break;
    buffer.append(chunk.data(), got);
    std::size_t from = 0;
    for (auto end = buffer.find('\n'); end != std::string::npos && why_.empty();
         end = buffer.find('\n', from)) {
      take_line(std::string_view(buffer).substr(from, end - from));
      from = end + 1;
    }
    buffer.erase(0, from);
    if (buffer.size() > world_.longest_line)
      kill("wrote a line of more than " + std::to_string(world_.longest_line) + " bytes and was killed");
  }
  // It says nothing any more: whatever else it does, it is of no use.
  child_->signal(SIGKILL);
  co_await child_->ended();
  auto const status = child_->reap();
  ended_.request_stop();
  boost::system::error_code ignored;
  child_->errors().cancel(ignored);
  child_->input().close(ignored);
  auto const why = "the worker " + (why_.empty() ? how_it_ended(status) : why_);
  bool const expected = call_ == nullptr && (status == 0 || status == 128 + SIGTERM);
  report(expected ? base::Level::debug : base::Level::warning, "a worker ended: " + why);
  if (auto const call = std::exchange(call_, nullptr)) {
    Verdict verdict;
    verdict.kind = Verdict::Kind::failed;
    verdict.text = why;
    call->untouched = why_.empty() && status == 0;
    call->settle(std::move(verdict));
  }
  gone_();
}

// Once the process has ended, what it wrote is there to be read; what others still hold open is not waited
// for.
asio::awaitable<void> WorkerProcess::watch_end() {
  co_await child_->ended();
  if (ended_.stop_requested()) co_return;
  co_await world_.clock.sleep(200ms, ended_.get_token());
  boost::system::error_code ignored;
  if (!ended_.stop_requested()) child_->output().cancel(ignored);
}

void WorkerProcess::take_line(std::string_view line) {
  auto const answer = decode_answer(line);
  if (!answer) {
    kill("wrote a line that is no answer, " + quoted(line) + ", and was killed");
    return;
  }
  bool const named = answer->call || answer->id;
  names_calls_ = names_calls_ || named;
  bool const another = call_ && ((answer->call && *answer->call != call_->job.call) ||
                                 (answer->id && *answer->id != call_->job.id));
  if (named && (!call_ || another)) {
    report(base::Level::warning, "a worker's answer is late or given twice, and dropped: " + quoted(line));
    return;
  }
  // Which message is meant? To guess would be to acknowledge one that nobody has worked on.
  if (!call_ || !written_ || (names_calls_ && !named)) {
    kill("wrote an answer that nobody had asked for, " + quoted(line) + ", and was killed");
    return;
  }
  std::exchange(call_, nullptr)->settle(answer->verdict);
  freed_();
}

asio::awaitable<void> WorkerProcess::read_errors() {
  std::array<char, 4096> chunk{};
  std::string buffer;
  boost::system::error_code failure;
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  auto const space = asio::buffer(chunk);
  while (!ended_.stop_requested()) {
    auto const got = co_await child_->errors().async_read_some(space, token);
    if (failure) break;
    buffer.append(chunk.data(), got);
    std::size_t from = 0;
    for (auto end = buffer.find('\n'); end != std::string::npos; end = buffer.find('\n', from)) {
      take_error_line(std::string_view(buffer).substr(from, end - from));
      from = end + 1;
    }
    buffer.erase(0, from);
    if (buffer.size() <= longest_error_line) continue;
    take_error_line(buffer);
    buffer.clear();
  }
  if (!buffer.empty()) take_error_line(buffer);
}

void WorkerProcess::take_error_line(std::string_view line) {
  auto const now = world_.clock.steady();
  if (now - second_ >= 1s) {
    if (dropped_lines_ > 0)
      report(base::Level::warning,
             "a worker wrote too much to its stderr: " + std::to_string(dropped_lines_) + " lines dropped");
    second_ = now;
    error_lines_ = 0;
    dropped_lines_ = 0;
  }
  if (++error_lines_ > error_lines_a_second) {
    ++dropped_lines_;
    return;
  }
  report(base::Level::info, "worker: " + std::string(line.substr(0, longest_error_line)));
}

void WorkerProcess::report(base::Level level, std::string const& text) {
  auto const pid = name();
  std::array<base::Field, 1> const fields{{{"worker_pid", pid}}};
  world_.log.write(level, text, fields);
}

std::string WorkerProcess::name() const { return std::to_string(child_->pid()); }

}  // namespace consumer
