#include "base/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "fakes/certificate.hpp"
#include "fakes/run.hpp"

using base::Errc;
using testing::HasSubstr;
using namespace std::chrono_literals;

namespace {

class Process : public testing::Test {
 protected:
  base::Result<base::Finished> run(std::vector<std::string> words) {
    base::Command command;
    command.words = std::move(words);
    command.limit = limit;
    command.max_output = 100'000;
    return fakes::run(loop, base::run_process(std::move(command), environment, clock));
  }
  base::Result<base::Finished> script(std::string const& text) { return run({"sh", "-c", text}); }

  boost::asio::io_context loop;
  base::RealClock clock;
  std::chrono::milliseconds limit = 20s;
  base::Environment environment{{{"PATH", "/usr/bin:/bin"}, {"GREETING", "hello"}}};
};

}  // namespace

TEST_F(Process, HandsBackWhatWasWrittenAndTheStatus) {
  auto const done = script("echo \"$GREETING\"; echo trouble >&2; exit 3").value();
  EXPECT_EQ(done.output.reveal(), "hello\n");
  EXPECT_EQ(done.errors, "trouble\n");
  EXPECT_EQ(done.status, 3);
}

TEST_F(Process, PassesArgumentsAsTheyAreWithoutAShell) {
  auto const done = run({"printf", "%s|", "a b", "$HOME;`id`", ""}).value();
  EXPECT_EQ(done.output.reveal(), "a b|$HOME;`id`||");
}

TEST_F(Process, GivesNoInputAndNoneOfOurFiles) {
  auto const done = script("cat; ls /proc/self/fd | wc -l").value();
  EXPECT_EQ(std::stoi(done.output.reveal()), 4) << "0, 1, 2 and the one that ls reads";
}

TEST_F(Process, ReadsMoreThanAPipeHolds) {
  auto const done = script("head -c 90000 /dev/zero; head -c 90000 /dev/zero >&2").value();
  EXPECT_EQ(done.output.reveal().size(), 90'000U);
  EXPECT_EQ(done.errors.size(), 90'000U);
}

TEST_F(Process, SaysThatThereIsNoSuchProgram) {
  auto const done = run({"no-such-program"});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::absent);
  EXPECT_THAT(done.error().message, HasSubstr("no-such-program"));
  EXPECT_EQ(run({"/no/such/program"}).error().code, Errc::absent);
}

TEST_F(Process, DoesNotLookIntoTheWorkingDirectory) {
  std::map<std::string, std::string, std::less<>> const variables{{"PATH", ":"}};
  environment = base::Environment(variables);
  EXPECT_EQ(base::find_program("sh", environment), std::nullopt);
}

TEST_F(Process, IsKilledWithAllThatItStartedWhenItTakesTooLong) {
  limit = 300ms;
  fakes::TempDir const folder;
  auto const file = folder.write("pid", "");
  auto const done = script("sleep 600 & echo $! >" + file + "; wait");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::transient);
  EXPECT_THAT(done.error().message, HasSubstr("\"sh\" did not end within 1 s"));
  std::ifstream in(file);
  std::string grandchild;
  ASSERT_TRUE(in >> grandchild);
  // Killed; whoever inherited it reaps it, and until then it is a zombie.
  auto const gone = [&] {
    std::ifstream status("/proc/" + grandchild + "/stat");
    std::string pid;
    std::string name;
    std::string state;
    return !(status >> pid >> name >> state) || state == "Z" || state == "X";
  };
  auto const give_up = std::chrono::steady_clock::now() + 10s;
  while (!gone() && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
  EXPECT_TRUE(gone());
}

TEST_F(Process, IsGivenUpWhereWhatItStartedHoldsItsOutputOpen) {
  limit = 300ms;
  auto const done = script("setsid sleep 3 & exit 0");
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("did not end within"));
}

TEST_F(Process, IsKilledWhenItWritesTooMuch) {
  auto const done = run({"yes"});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::too_large);
}

TEST_F(Process, TellsThatASignalEndedIt) { EXPECT_EQ(script("kill -TERM $$").value().status, 128 + SIGTERM); }

TEST_F(Process, IsKilledWhereNobodyWaitsForItAnyMore) {
  fakes::TempDir const folder;
  auto const file = folder.write("pid", "");
  auto const begun = std::chrono::steady_clock::now();
  {
    boost::asio::io_context brief;
    base::Command command;
    command.words = {"sh", "-c", "echo $$ >" + file + "; exec sleep 600"};
    boost::asio::co_spawn(brief, base::run_process(std::move(command), environment, clock),
                          [](std::exception_ptr, base::Result<base::Finished>) {});
    while (std::filesystem::file_size(file) == 0) brief.run_for(10ms);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 20s) << "its end was waited for";
  std::ifstream in(file);
  pid_t pid = 0;
  ASSERT_TRUE(in >> pid);
  EXPECT_EQ(kill(pid, 0), -1) << "it still runs";
}
