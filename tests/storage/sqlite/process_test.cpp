// Several real processes on one file, some of them killed.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "storage/sqlite/world.hpp"

namespace storage::sqlite {
namespace {

using namespace std::chrono_literals;

// A worker whose stdout is appended to a file. Killed when this dies.
class Process {
 public:
  Process(Folder const& folder, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {EDW_SQLITE_WORKER, folder.file()});
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, folder.file("acknowledged").c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, folder.file("errors").c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (posix_spawn(&id_, EDW_SQLITE_WORKER, &files, nullptr, argv.data(), environ) != 0) id_ = -1;
    posix_spawn_file_actions_destroy(&files);
  }
  ~Process() { kill(); }
  Process(Process const&) = delete;
  Process& operator=(Process const&) = delete;

  void kill() {
    if (id_ <= 0) return;
    ::kill(id_, SIGKILL);
    wait();
  }
  // Its exit code; 128 and the signal's number where one ended it.
  int wait() {
    int status = 0;
    ::waitpid(id_, &status, 0);
    id_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t id_ = -1;
};

std::vector<std::string> lines_of(std::string const& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string integrity(std::string const& file) {
  sqlite3* connection = nullptr;
  sqlite3_open(file.c_str(), &connection);
  std::string verdict;
  auto const keep = [](void* to, int, char** values, char**) {
    *static_cast<std::string*>(to) += values[0];
    return 0;
  };
  sqlite3_exec(connection, "PRAGMA integrity_check", keep, &verdict, nullptr);
  sqlite3_close(connection);
  return verdict;
}

// How often each body stands in a row of its own, that is, under a message id of its own.
std::map<std::string, int> persisted(std::string const& file) {
  World<base::RealClock> world(file);
  auto const table = world.table();
  std::map<std::string, int> bodies;
  Range range;
  do {
    auto const page = fakes::run(world.loop, table->scan(range)).value();
    for (auto const& row : page.rows) ++bodies[row.text("body").value()];
    range.from = page.next;
  } while (!range.from.empty());
  return bodies;
}

void expect_all_persisted_once(Folder const& folder) {
  auto const bodies = persisted(folder.file());
  auto const acknowledged = lines_of(folder.file("acknowledged"));
  EXPECT_FALSE(acknowledged.empty());
  std::size_t missing = 0;
  for (auto const& body : acknowledged) missing += 1 - bodies.count(body);
  EXPECT_EQ(missing, 0u) << "of " << acknowledged.size() << " acknowledged";
  EXPECT_TRUE(std::all_of(bodies.begin(), bodies.end(), [](auto const& body) { return body.second == 1; }))
      << "a message is stored twice";
  EXPECT_EQ(integrity(folder.file()), "ok");
}

}  // namespace

TEST(SqliteProcesses, LoseNothingThatWasAcknowledgedWhenKilledAtAnyTime) {
  Folder const folder;
  std::vector<std::unique_ptr<Process>> workers(4);
  int started = 0;
  auto const start = [&](std::size_t index) {
    std::vector<std::string> arguments = {"consume"};
    if (index % 2 == 0) arguments = {"send", "s" + std::to_string(++started), "1000000"};
    workers[index] = std::make_unique<Process>(folder, arguments);
  };
  for (std::size_t i = 0; i < workers.size(); ++i) start(i);
  base::SeededRandom random(base::entropy());
  for (int kill = 0; kill < 40; ++kill) {
    // Not a wait for anything: the moment of the kill is the input of this test.
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + random.below(120)));
    auto const victim = random.below(workers.size());
    workers[victim]->kill();
    start(victim);
  }
  for (auto& worker : workers) worker->kill();
  Process drain(folder, {"drain"});
  EXPECT_EQ(drain.wait(), 0);
  EXPECT_THAT(lines_of(folder.file("errors")), testing::IsEmpty());
  expect_all_persisted_once(folder);
}

TEST(SqliteProcesses, ShareOneFileEightAtATime) {
  Folder const folder;
  std::vector<std::unique_ptr<Process>> workers;
  for (int i = 0; i < 4; ++i)
    workers.push_back(
        std::make_unique<Process>(folder, std::vector<std::string>{"send", std::to_string(i), "2000"}));
  std::vector<std::unique_ptr<Process>> consumers;
  for (int i = 0; i < 4; ++i)
    consumers.push_back(std::make_unique<Process>(folder, std::vector<std::string>{"consume"}));
  for (auto& worker : workers) EXPECT_EQ(worker->wait(), 0);
  Process drain(folder, {"drain"});
  EXPECT_EQ(drain.wait(), 0);
  for (auto& consumer : consumers) consumer->kill();
  EXPECT_THAT(lines_of(folder.file("errors")), testing::IsEmpty());
  EXPECT_THAT(lines_of(folder.file("acknowledged")), testing::SizeIs(8000));
  expect_all_persisted_once(folder);
}

TEST(SqliteProcesses, AcknowledgeNothingThatAFullDiskRefused) {
  Folder const folder;
  Process fill(folder, {"fill", "f"});
  EXPECT_EQ(fill.wait(), 3);
  auto const errors = lines_of(folder.file("errors"));
  ASSERT_THAT(errors, testing::SizeIs(1));
  EXPECT_THAT(errors[0], testing::HasSubstr(folder.file()));
  EXPECT_THAT(errors[0], testing::HasSubstr("free some space"));
  Process drain(folder, {"drain"});
  EXPECT_EQ(drain.wait(), 0) << "once there is space again, the file goes on";
  expect_all_persisted_once(folder);
}

}  // namespace storage::sqlite
