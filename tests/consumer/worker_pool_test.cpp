#include "consumer/worker_pool.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <mutex>

#include "base/gather.hpp"
#include "fakes/run.hpp"

namespace {

using namespace std::chrono_literals;
using consumer::Verdict;
using Kind = Verdict::Kind;
using testing::HasSubstr;
namespace asio = boost::asio;

class Notes final : public base::Log {
 public:
  using Log::write;
  bool wants(base::Level) const override { return true; }
  void write(base::Level, std::string_view text, std::span<base::Field const>) override {
    text_.append(text).append("\n");
  }
  std::string const& text() const { return text_; }

 private:
  std::string text_;
};

// Real processes: /bin/sh with a script.
class WorkerPoolTest : public testing::Test {
 protected:
  WorkerPoolTest() { std::signal(SIGPIPE, SIG_IGN); }
  ~WorkerPoolTest() override {
    if (pool_) finish();
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
    EXPECT_EQ(errno, ECHILD);
  }
  void start(std::string const& script, std::size_t size = 1) {
    settings_.words = {"/bin/sh", "-c", script};
    settings_.size = size;
    std::map<std::string, std::string, std::less<>> const variables{{"PATH", "/usr/bin:/bin"}};
    settings_.environment = base::Environment(variables);
    pool_ = std::make_unique<consumer::WorkerPool>(io_.get_executor(), clock_, log_, settings_);
  }
  static consumer::Job job(std::string body) {
    consumer::Job made;
    made.id = "id";
    made.body = std::move(body);
    return made;
  }
  Verdict work(std::string body = "x", std::stop_token stop = {}) {
    auto waiting = pool_->work(job(std::move(body)), std::move(stop));
    return fakes::run(io_, std::move(waiting));
  }
  void finish(std::chrono::nanoseconds patience = 10s) {
    fakes::run(io_, pool_->end(patience));
    pool_.reset();
  }

  asio::io_context io_{1};
  base::RealClock clock_;
  Notes log_;
  consumer::WorkerSettings settings_;
  std::unique_ptr<consumer::WorkerPool> pool_;
};

// Answers each line with what `answer` prints.
std::string answering(std::string const& answer) { return "while read -r line; do " + answer + "; done"; }

TEST_F(WorkerPoolTest, AsksAndTakesTheAnswer) {
  start(answering(R"(echo '{"ok":true,"result":{"n":1}}')"));
  for (int i = 0; i < 3; ++i) {
    auto const verdict = work();
    EXPECT_EQ(verdict.kind, Kind::done);
    EXPECT_EQ(verdict.text, R"({"n":1})");
  }
}

TEST_F(WorkerPoolTest, KeepsOneProcessForManyMessages) {
  start(answering(R"(echo "{\"result\":$$}")"));
  auto const first = work().text;
  EXPECT_EQ(work().text, first);
  EXPECT_NE(first, std::to_string(getpid()));
}

TEST_F(WorkerPoolTest, TellsWhyAMessageFailed) {
  start(answering(R"(echo '{"ok":false,"error":"no good","retry":false}')"));
  auto const verdict = work();
  EXPECT_EQ(verdict.kind, Kind::refused);
  EXPECT_EQ(verdict.text, "no good");
}

TEST_F(WorkerPoolTest, TakesLargeBodiesBothWays) {
  start("exec cat");
  settings_.longest_line = std::size_t{8} << 20;
  start("exec cat");
  EXPECT_EQ(work(std::string(3'000'000, 'x')).kind, Kind::done);
}

TEST_F(WorkerPoolTest, BlamesAloneTheMessageThatKillsAWorker) {
  start(answering(R"(case $line in *kill*) kill -9 $$;; *) echo '{"ok":true}';; esac)"), 2);
  std::vector<Verdict> verdicts(6);
  std::function<asio::awaitable<void>(std::size_t)> const one = [&](std::size_t i) -> asio::awaitable<void> {
    auto mine = job(i == 2 ? "kill" : "x");
    verdicts[i] = co_await pool_->work(std::move(mine), {});
  };
  fakes::run(io_, base::gather(6, 6, one));
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(verdicts[i].kind, i == 2 ? Kind::failed : Kind::done) << i;
  EXPECT_THAT(verdicts[2].text, HasSubstr("signal 9"));
}

TEST_F(WorkerPoolTest, TakesTheAnswerOfAWorkerThatThenEnds) {
  start(R"(read -r line; echo '{"ok":true,"result":7}')");
  EXPECT_EQ(work().text, "7");
  EXPECT_EQ(work().text, "7");
}

TEST_F(WorkerPoolTest, KillsAWorkerThatTakesTooLong) {
  settings_.limit = 100ms;
  start(answering("sleep 1000"));
  auto const verdict = work();
  EXPECT_EQ(verdict.kind, Kind::failed);
  EXPECT_THAT(verdict.text, HasSubstr("no answer within 100 ms"));
}

TEST_F(WorkerPoolTest, KillsAWorkerThatNeverReads) {
  settings_.limit = 200ms;
  start("exec sleep 1000");
  EXPECT_THAT(work(std::string(1'000'000, 'x')).text, HasSubstr("no answer"));
}

TEST_F(WorkerPoolTest, RefusesGarbage) {
  start(answering("echo garbage"));
  auto const verdict = work();
  EXPECT_EQ(verdict.kind, Kind::failed);
  EXPECT_THAT(verdict.text, HasSubstr("\"garbage\""));
}

TEST_F(WorkerPoolTest, RefusesALineWithoutEnd) {
  settings_.longest_line = 100'000;
  start(answering("yes | tr -d '\\n'"));
  EXPECT_THAT(work().text, HasSubstr("a line of more than 100000 bytes"));
}

TEST_F(WorkerPoolTest, DropsAnAnswerThatIsGivenTwice) {
  start(answering(
      R"(call=${line#*:}; call=${call%%,*}; echo "{\"call\":$call,\"result\":$call}"; echo "{\"call\":$call,\"ok\":false}")"));
  for (int i = 1; i <= 4; ++i) {
    auto const verdict = work();
    EXPECT_EQ(verdict.kind, Kind::done) << verdict.text;
    EXPECT_EQ(verdict.text, std::to_string(i));
  }
  EXPECT_THAT(log_.text(), HasSubstr("late or given twice"));
}

TEST_F(WorkerPoolTest, DoesNotTakeASecondAnswerWithoutANameForAnotherMessages) {
  start(answering(R"(printf '{"ok":true}\n{"ok":true}\n')"));
  EXPECT_EQ(work().kind, Kind::done);
  work();  // by a new worker, or failed: never by the left-over answer
  EXPECT_THAT(log_.text(), HasSubstr("nobody had asked for"));
}

TEST_F(WorkerPoolTest, FreesWhoNobodyWaitsForAnyMoreWhenItAnswers) {
  start(answering(R"(case $line in *slow*) sleep 0.2;; esac; echo "{\"result\":$$}")"));
  auto const pid = work().text;
  std::stop_source stop;
  asio::co_spawn(io_, clock_.sleep(20ms), [&stop](std::exception_ptr) { stop.request_stop(); });
  EXPECT_EQ(work("slow", stop.get_token()).kind, Kind::cancelled);
  EXPECT_EQ(work().text, pid);  // the same process, once it had answered
}

TEST_F(WorkerPoolTest, LogsWhatWorkersSayOnStderr) {
  start(answering(R"(echo "a word" >&2; echo '{}')"));
  work();
  finish();
  EXPECT_THAT(log_.text(), HasSubstr("worker: a word"));
}

TEST_F(WorkerPoolTest, DropsWhatIsTooMuchOnStderr) {
  start(answering(R"(i=0; while [ $i -lt 5000 ]; do echo "line $i" >&2; i=$((i+1)); done; echo '{}')"));
  EXPECT_EQ(work().kind, Kind::done);
  finish();
  EXPECT_LT(std::count(log_.text().begin(), log_.text().end(), '\n'), 2000);
}

TEST_F(WorkerPoolTest, AsksItsWorkersToEndAndKillsThoseThatDoNot) {
  start("trap '' TERM; " + answering("echo '{}'") + "; while :; do sleep 0.05; done");
  EXPECT_EQ(work().kind, Kind::done);
  finish(100ms);
  EXPECT_THAT(log_.text(), HasSubstr("did not end when asked to"));
}

TEST_F(WorkerPoolTest, WaitsWhereAProgramCannotBeStarted) {
  start("");
  settings_.words = {"/nowhere/at/all"};
  pool_ = std::make_unique<consumer::WorkerPool>(io_.get_executor(), clock_, log_, settings_);
  std::stop_source stop;
  asio::co_spawn(io_, clock_.sleep(300ms), [&stop](std::exception_ptr) { stop.request_stop(); });
  EXPECT_EQ(work("x", stop.get_token()).kind, Kind::cancelled);
  EXPECT_THAT(log_.text(), HasSubstr("can't be started, messages wait"));
}

TEST_F(WorkerPoolTest, EndsWithItsWorkersWhenDropped) {
  start(answering("echo '{}'"), 3);
  work();
  pool_.reset();
  io_.restart();
  io_.run();
}

TEST(WorkerEnvironment, HoldsNoCredentials) {
  std::map<std::string, std::string, std::less<>> const variables{
      {"PATH", "/bin"},      {"AWS_SECRET_ACCESS_KEY", "s"},
      {"AWS_REGION", "r"},   {"AZURE_STORAGE_CONNECTION_STRING", "s"},
      {"GITHUB_TOKEN", "s"}, {"IDENTITY_HEADER", "s"},
      {"DB_PASSWORD", "s"},  {"HOME", "/h"}};
  base::Environment const ours(variables);
  EXPECT_THAT(consumer::worker_environment(ours, {}).names(""), testing::ElementsAre("HOME", "PATH"));
  EXPECT_THAT(consumer::worker_environment(ours, {"AWS_REGION"}).names(""),
              testing::ElementsAre("AWS_REGION", "HOME", "PATH"));
}

}  // namespace
