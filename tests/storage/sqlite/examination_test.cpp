// What doctor finds in a file, and that it leaves it as it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "fakes/findings.hpp"
#include "storage/sqlite/world.hpp"

using fakes::row;
using fakes::verdicts;
using storage::Examined;
using storage::QueueUse;
using storage::TableUse;
using storage::Verdict;
using testing::HasSubstr;
using namespace storage::sqlite;

namespace {

struct SqliteExamination : testing::Test {
  using Here = World<base::RealClock>;

  static Examined queue(Here& world) {
    QueueUse use;
    use.send = use.receive = true;
    auto examination =
        world.cloud->examine_queue(storage::Uri::parse("sqlite:" + world.file_ + "#messages").value(), use)
            .value();
    return fakes::run(world.loop, examination->run());
  }
  static Examined table(Here& world) {
    TableUse use;
    use.read = use.write = true;
    auto examination =
        world.cloud->examine_table(storage::Uri::parse("sqlite:" + world.file_ + "#results").value(), use)
            .value();
    return fakes::run(world.loop, examination->run());
  }
  Folder folder;
};

}  // namespace

TEST_F(SqliteExamination, MakesNoFile) {
  Here world(folder.file());
  EXPECT_EQ(verdicts(queue(world)),
            "file ok, space ok, journal untested, queue untested, send untested, receive "
            "untested, delete untested, extend untested");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST_F(SqliteExamination, TriesEverythingAndUndoesIt) {
  Here world(folder.file());
  auto const messages = world.queue();
  std::vector<storage::Outgoing> const one{outgoing("body")};
  ASSERT_TRUE(fakes::run(world.loop, messages->send(one)));
  auto const rows = world.table();
  EXPECT_EQ(verdicts(queue(world)),
            "file ok, space ok, journal ok, queue ok, send ok, receive ok, delete ok, extend ok");
  EXPECT_EQ(verdicts(table(world)), "file ok, space ok, journal ok, table ok, read ok, write ok");
  EXPECT_THAT(row(queue(world), "queue").detail, HasSubstr("1 message"));
  EXPECT_EQ(fakes::run(world.loop, messages->depth())->total(), 1U);
  storage::Receive const options;
  auto const received = fakes::run(world.loop, messages->receive(options));
  ASSERT_TRUE(received);
  ASSERT_EQ(received->size(), 1U);
  EXPECT_EQ(received->front().receive_count, 1);
}

TEST_F(SqliteExamination, FailsAFileOfAnotherProgramAndLeavesItAlone) {
  std::string const text = "this is no database, and of more than a few bytes, so that it is looked at";
  std::ofstream(folder.file()) << text;
  Here world(folder.file());
  auto const found = queue(world);
  EXPECT_EQ(row(found, "file").verdict, Verdict::failed);
  EXPECT_EQ(row(found, "send").verdict, Verdict::untested);
  std::ifstream file(folder.file());
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text);
}

TEST_F(SqliteExamination, FailsAFolderThatIsNotThere) {
  Here world(folder.file("no/such.db"));
  auto const found = queue(world);
  EXPECT_EQ(row(found, "file").verdict, Verdict::failed);
  EXPECT_THAT(row(found, "file").remedy, HasSubstr("make it"));
}
