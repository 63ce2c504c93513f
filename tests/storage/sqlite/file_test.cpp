// Files that can't be used, each with one sentence; and addresses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fstream>
#include <semaphore>

#include "base/gather.hpp"
#include "storage/sqlite/world.hpp"

namespace storage::sqlite {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

// Another program's connection.
class Other {
 public:
  explicit Other(std::string const& file) { sqlite3_open(file.c_str(), &connection_); }
  ~Other() { sqlite3_close(connection_); }
  Other(Other const&) = delete;
  Other& operator=(Other const&) = delete;
  void run(std::string const& sql) {
    EXPECT_EQ(sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(connection_);
  }

 private:
  sqlite3* connection_ = nullptr;
};

// What opening a queue in this file says. The file's name must be in it.
Error refusal(std::string const& file) {
  Settings settings;
  settings.patience = 200ms;
  World<base::RealClock> world(file, settings);
  auto const queue = world.new_queue();
  auto const opened = fakes::run(world.loop, queue->open(true));
  if (opened) {
    ADD_FAILURE() << file << " was opened";
    return {};
  }
  EXPECT_THAT(opened.error().message, HasSubstr(file));
  return opened.error();
}

void write(std::string const& file, std::string const& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

void make_queue(std::string const& file) {
  World<base::RealClock> world(file);
  auto const queue = world.queue();
  std::vector<Outgoing> batch;
  for (int i = 0; i < 200; ++i) batch.push_back(outgoing("kept " + std::string(500, 'x')));
  fakes::run(world.loop, queue->send(batch)).value();
}

// A file as version 1 of the format had it: the lease in the message's own row.
void make_file_of_format_1(std::string const& file) {
  Other other(file);
  for (auto const* sql :
       {"PRAGMA journal_mode=WAL", "CREATE TABLE queues (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
        "CREATE TABLE messages (seq INTEGER PRIMARY KEY, queue INTEGER NOT NULL, visible_at INTEGER NOT "
        "NULL, receipt INTEGER NOT NULL, receive_count INTEGER NOT NULL, inserted_at INTEGER NOT NULL, "
        "expires_at INTEGER, id TEXT NOT NULL, body TEXT NOT NULL)",
        "CREATE INDEX messages_due ON messages (queue, visible_at)",
        "CREATE INDEX messages_expiring ON messages (expires_at) WHERE expires_at IS NOT NULL",
        "CREATE TABLE tables (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
        "CREATE TABLE rows (tbl INTEGER NOT NULL, partition TEXT NOT NULL, row TEXT NOT NULL, data TEXT NOT "
        "NULL, PRIMARY KEY (tbl, partition, row)) WITHOUT ROWID",
        "PRAGMA application_id = 0x45445771", "PRAGMA user_version = 1",
        "INSERT INTO queues (name) VALUES ('other'), ('messages')",
        "INSERT INTO messages (queue, visible_at, receipt, receive_count, inserted_at, expires_at, id, body) "
        "VALUES (2, 20, -7, 3, 10, NULL, 'second', 'b'), (2, 10, -8, 0, 5, 9000000000000000, 'first', 'a'), "
        "(2, 8000000000000000, 9, 1, 5, NULL, 'leased', 'c'), (2, 30, -1, 0, 5, 40, 'expired', 'd'), "
        "(1, 10, -2, 0, 5, NULL, 'elsewhere', 'e')",
        "INSERT INTO tables (name) VALUES ('results')",
        "INSERT INTO rows VALUES (1, 'p', 'r', '{\"kept\":1}')"})
    other.run(sql);
}

std::string invalid_uri(std::string const& text) {
  World<base::RealClock> world("unused.db");
  auto const uri = Uri::parse(text);
  EXPECT_TRUE(uri.has_value()) << text;
  auto const queue = world.cloud->queue(*uri);
  EXPECT_FALSE(queue.has_value()) << text;
  if (queue) return {};
  EXPECT_EQ(queue.error().code, Errc::invalid);
  EXPECT_FALSE(world.cloud->table(*uri).has_value());
  return queue.error().message;
}

}  // namespace

TEST(SqliteUri, NamesAFileAndSomethingInIt) {
  EXPECT_THAT(invalid_uri("sqlite:edw.db"), HasSubstr("add # and a name"));
  EXPECT_THAT(invalid_uri("sqlite:edw.db#"), HasSubstr("add # and a name"));
  EXPECT_THAT(invalid_uri("sqlite:edw.db#with space"), HasSubstr("A-Z a-z 0-9 . _ -"));
  EXPECT_THAT(invalid_uri("sqlite:edw.db#" + std::string(81, 'x')), HasSubstr("1 to 80"));
  EXPECT_THAT(invalid_uri("sqlite://edw.db/x#messages"), HasSubstr("write sqlite:PATH#NAME"));
  EXPECT_THAT(invalid_uri("sqlite::memory:#messages"), HasSubstr("names no file"));
}

TEST(SqliteUri, MayHaveAnyPath) {
  Folder const folder;
  auto const file = folder.file("a b%41?'\"ü.db");
  make_queue(file);
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST(SqliteUri, ClaimsOnlyItsScheme) {
  World<base::RealClock> world("unused.db");
  EXPECT_TRUE(world.cloud->claims(Uri::parse("sqlite:a#b").value()));
  EXPECT_FALSE(world.cloud->claims(Uri::parse("azure:a").value()));
}

TEST(SqliteFile, MustStandInAFolderThatExists) {
  Folder const folder;
  auto const error = refusal(folder.file("nowhere/test.db"));
  EXPECT_EQ(error.code, Errc::invalid);
  EXPECT_THAT(error.message, HasSubstr("does not exist"));
}

TEST(SqliteFile, MustNotBeAFolder) {
  Folder const folder;
  std::filesystem::create_directory(folder.file());
  auto const error = refusal(folder.file());
  EXPECT_EQ(error.code, Errc::invalid);
  EXPECT_THAT(error.message, HasSubstr("is a folder"));
}

TEST(SqliteFile, MustStandInAFolderThatCanBeWritten) {
  Folder const folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
  // Root may write anywhere: become somebody else for a moment.
  bool const root = ::geteuid() == 0;
  ASSERT_EQ(root ? ::seteuid(65534) : 0, 0);
  auto const error = refusal(folder.file());
  ASSERT_EQ(root ? ::seteuid(0) : 0, 0);
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  EXPECT_EQ(error.code, Errc::denied) << error.message;
  EXPECT_THAT(error.message, HasSubstr("permission"));
}

TEST(SqliteFile, MustBeADatabase) {
  Folder const folder;
  write(folder.file(), std::string(10'000, 'x'));
  auto const error = refusal(folder.file());
  EXPECT_EQ(error.code, Errc::invalid);
  EXPECT_THAT(error.message, HasSubstr("is not an SQLite database"));
}

TEST(SqliteFile, MustBeOurs) {
  Folder const folder;
  Other(folder.file()).run("CREATE TABLE accounts (name TEXT)");
  auto const error = refusal(folder.file());
  EXPECT_EQ(error.code, Errc::invalid);
  EXPECT_THAT(error.message, HasSubstr("another program"));
}

TEST(SqliteFile, MustNotBeOfANewerVersion) {
  Folder const folder;
  make_queue(folder.file());
  Other(folder.file()).run("PRAGMA user_version = 99");
  auto const error = refusal(folder.file());
  EXPECT_EQ(error.code, Errc::invalid);
  EXPECT_THAT(error.message, HasSubstr("newer version"));
}

TEST(SqliteFile, KeepsWhatAFileOfAnOlderFormatHolds) {
  Folder const folder;
  make_file_of_format_1(folder.file());
  for (int opened = 0; opened < 2; ++opened) {
    World<base::RealClock> world(folder.file());
    auto const queue = world.queue();
    auto const counted = fakes::run(world.loop, queue->depth()).value();
    EXPECT_EQ(counted.visible, 2u);
    EXPECT_EQ(counted.leased, 1u);
    Key key;
    key.partition = "p";
    key.row = "r";
    EXPECT_EQ(fakes::run(world.loop, world.table()->get(key)).value()->text("kept"), "1");
    EXPECT_EQ(fakes::run(world.loop, world.queue("other")->depth()).value().visible, 1u);
  }
  World<base::RealClock> world(folder.file());
  auto const queue = world.queue();
  Receive options;
  options.at_most = 10;
  auto const received = fakes::run(world.loop, queue->receive(options)).value();
  ASSERT_EQ(received.size(), 2u);
  EXPECT_EQ(received[0].id, "first");
  EXPECT_EQ(received[0].body, "a");
  EXPECT_EQ(received[0].receive_count, 1);
  EXPECT_EQ(received[0].expires_at, base::System(std::chrono::microseconds(9'000'000'000'000'000)));
  EXPECT_EQ(received[1].id, "second");
  EXPECT_EQ(received[1].receive_count, 4);
  EXPECT_EQ(received[1].sent_at, base::System(std::chrono::microseconds(10)));
  EXPECT_THAT(fakes::run(world.loop, queue->remove(received)).value(), testing::IsEmpty());
  EXPECT_EQ(fakes::run(world.loop, queue->depth()).value().total(), 1u);
}

TEST(SqliteFile, PassesOverAMessageWhoseTextAnotherProgramRemoved) {
  Folder const folder;
  make_queue(folder.file());
  Other(folder.file()).run("DELETE FROM messages WHERE seq <= 199");
  World<base::RealClock> world(folder.file());
  auto const queue = world.queue();
  Receive options;
  options.at_most = 100;
  std::size_t received = 0;
  for (int i = 0; i < 2; ++i) received += fakes::run(world.loop, queue->receive(options)).value().size();
  EXPECT_EQ(received, 1u);
  EXPECT_EQ(fakes::run(world.loop, queue->depth()).value().total(), 1u);
}

TEST(SqliteFile, SaysSoWhenItIsDamaged) {
  Folder const folder;
  make_queue(folder.file());
  auto const size = std::filesystem::file_size(folder.file());
  {
    std::fstream file(folder.file(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(size - 4096, '\x7F');
  }
  auto const error = refusal(folder.file());
  EXPECT_EQ(error.code, Errc::invalid);
  EXPECT_THAT(error.message, HasSubstr("is damaged"));
}

TEST(SqliteFile, SaysSoWhenAnotherProgramKeepsItLockedAndGoesOnAfterwards) {
  Folder const folder;
  Settings settings;
  settings.patience = 200ms;
  World<base::RealClock> world(folder.file(), settings);
  auto const queue = world.queue();
  std::vector<Outgoing> const batch = {outgoing("a")};
  {
    Other other(folder.file());
    other.run("BEGIN EXCLUSIVE");
    auto const begin = std::chrono::steady_clock::now();
    auto const refused = fakes::run(world.loop, queue->send(batch));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Errc::transient);
    EXPECT_THAT(refused.error().message, HasSubstr(folder.file() + " is locked by another program"));
    EXPECT_EQ(refusal(folder.file()).code, Errc::transient);
    other.run("ROLLBACK");
  }
  EXPECT_TRUE(fakes::run(world.loop, queue->send(batch)).has_value());
  EXPECT_EQ(fakes::run(world.loop, queue->depth()).value().total(), 1u);
}

TEST(SqliteFile, SaysSoWhenItIsRemovedWhileInUse) {
  Folder const folder;
  World<base::RealClock> world(folder.file());
  auto const queue = world.queue();
  std::filesystem::remove(folder.file());
  std::vector<Outgoing> const batch = {outgoing("a")};
  auto const refused = fakes::run(world.loop, queue->send(batch));
  ASSERT_FALSE(refused.has_value()) << "sent into a file that nobody can find";
  EXPECT_EQ(refused.error().code, Errc::invalid);
  EXPECT_THAT(refused.error().message, HasSubstr("removed or replaced"));
}

TEST(SqliteFile, UndoesAFailedJobAlone) {
  Folder const folder;
  boost::asio::io_context loop;
  Database database(loop.get_executor(), folder.file());
  auto const jobs = database.jobs();
  std::vector<int> failed;
  auto const insert = [&](int number) -> boost::asio::awaitable<void> {
    std::function<bool(Connection&)> const work = [number](Connection& connection) {
      connection.prepare("INSERT INTO queues (name) VALUES (?)").bind(std::to_string(number)).run();
      // Half of a job is done by now.
      if (number % 10 == 3) throw Failure(Error(Errc::invalid, "three"));
      return true;
    };
    auto const done = co_await jobs->run(Access::write, work);
    if (!done) failed.push_back(number);
  };
  std::function<boost::asio::awaitable<void>(std::size_t)> const lane = [&](std::size_t number) {
    return insert(static_cast<int>(number));
  };
  fakes::run(loop, base::gather(40, 40, lane));
  EXPECT_THAT(failed, testing::UnorderedElementsAre(3, 13, 23, 33));
  std::function<std::int64_t(Connection&)> const count = [](Connection& connection) {
    auto counted = connection.prepare("SELECT count(*) FROM queues");
    counted.step();
    return counted.integer(0);
  };
  EXPECT_EQ(fakes::run(loop, jobs->run(Access::read, count)).value(), 36);
}

TEST(SqliteFile, SyncsEveryTransactionButThoseThatOnlyLease) {
  Folder const folder;
  boost::asio::io_context loop;
  Database database(loop.get_executor(), folder.file());
  auto const jobs = database.jobs();
  std::function<std::int64_t(Connection&)> const mode = [](Connection& connection) {
    auto asked = connection.prepare("PRAGMA synchronous");
    asked.step();
    return asked.integer(0);
  };
  constexpr std::int64_t normal = 1;
  constexpr std::int64_t full = 2;
  for (auto const& [access, wanted] :
       {std::pair(Access::write, full), {Access::lease, normal}, {Access::write, full}})
    EXPECT_EQ(fakes::run(loop, jobs->run(access, mode)).value(), wanted);
  // Together with one that has to be on disk, all are: those that wait behind one that holds the thread.
  std::binary_semaphore held(0);
  std::binary_semaphore go(0);
  std::function<std::int64_t(Connection&)> const hold = [&](Connection&) {
    held.release();
    go.acquire();
    return full;
  };
  std::vector<std::int64_t> modes;
  auto const ask = [&](Access access,
                       std::function<std::int64_t(Connection&)> const& work) -> boost::asio::awaitable<void> {
    auto const found = co_await jobs->run(access, work);
    modes.push_back(found.value());
  };
  boost::asio::co_spawn(loop, ask(Access::read, hold), boost::asio::detached);
  loop.restart();
  loop.poll();
  held.acquire();
  for (auto const access : {Access::lease, Access::write, Access::lease, Access::read})
    boost::asio::co_spawn(loop, ask(access, mode), boost::asio::detached);
  loop.restart();
  loop.poll();
  go.release();
  loop.run();
  EXPECT_THAT(modes, testing::SizeIs(5));
  EXPECT_THAT(modes, testing::Each(full));
}

}  // namespace storage::sqlite
