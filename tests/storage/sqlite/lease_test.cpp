// What only an exact clock can show of the queue, and how it waits and ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "fakes/clock.hpp"
#include "storage/sqlite/world.hpp"

namespace storage::sqlite {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

class SqliteQueue : public testing::Test {
 protected:
  void send(std::string body, std::chrono::seconds delay = 0s, std::optional<std::chrono::seconds> ttl = {}) {
    std::vector<Outgoing> batch = {outgoing(std::move(body))};
    batch[0].delay = delay;
    batch[0].ttl = ttl;
    EXPECT_THAT(fakes::run(world_.loop, queue_->send(batch)).value(), IsEmpty());
  }
  std::vector<Message> receive(int at_most = 10, std::chrono::seconds lease = 60s) {
    Receive options;
    options.at_most = at_most;
    options.lease = lease;
    return fakes::run(world_.loop, queue_->receive(options)).value();
  }
  std::vector<std::string> bodies(int at_most = 10) {
    std::vector<std::string> all;
    for (auto const& message : receive(at_most)) all.push_back(message.body);
    return all;
  }
  Depth depth() { return fakes::run(world_.loop, queue_->depth()).value(); }

  Folder folder_;
  World<fakes::Clock> world_{folder_.file()};
  std::unique_ptr<storage::Queue> queue_ = world_.queue();
};

}  // namespace

TEST_F(SqliteQueue, DeliversTheOldestFirst) {
  for (auto const* body : {"a", "b", "c", "d"}) {
    send(body);
    world_.clock.advance(1ms);
  }
  EXPECT_THAT(bodies(3), ElementsAre("a", "b", "c"));
  EXPECT_THAT(bodies(3), ElementsAre("d"));
}

TEST_F(SqliteQueue, HidesAMessageUntilTheVeryEndOfItsLease) {
  send("a");
  auto const first = receive(1, 60s);
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_EQ(first[0].lease_until, world_.clock.steady() + 60s);
  EXPECT_EQ(first[0].sent_at, world_.clock.system());
  world_.clock.advance(60s - 1us);
  EXPECT_THAT(receive(), IsEmpty());
  world_.clock.advance(1us);
  auto const second = receive();
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].receive_count, 2);
  EXPECT_NE(second[0].receipt, first[0].receipt);
}

TEST_F(SqliteQueue, HonoursAReceiptPastItsLeaseWhileNobodyElseHasTheMessage) {
  send("a");
  auto held = receive(1, 1s);
  world_.clock.advance(10s);
  EXPECT_THAT(fakes::run(world_.loop, queue_->extend(held, 60s)).value(), IsEmpty());
  EXPECT_THAT(receive(), IsEmpty());
  EXPECT_THAT(fakes::run(world_.loop, queue_->remove(held)).value(), IsEmpty());
  EXPECT_EQ(depth().total(), 0u);
}

TEST_F(SqliteQueue, RefusesAReceiptOfAnotherKind) {
  std::vector<Message> foreign(1);
  foreign[0].id = "x";
  foreign[0].receipt = "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a";
  EXPECT_THAT(fakes::run(world_.loop, queue_->remove(foreign)).value(), SizeIs(1));
  EXPECT_THAT(fakes::run(world_.loop, queue_->extend(foreign, 60s)).value(), SizeIs(1));
}

TEST_F(SqliteQueue, TellsVisibleLeasedAndDelayedApart) {
  for (int i = 0; i < 5; ++i) send("m");
  send("later", 60s);
  send("short-lived", 0s, 5s);
  auto held = receive(2);
  auto const counted = depth();
  EXPECT_TRUE(counted.exact);
  EXPECT_EQ(counted.visible, 4u);
  EXPECT_EQ(counted.leased, 2u);
  EXPECT_EQ(counted.delayed, 1u);
  EXPECT_THAT(fakes::run(world_.loop, queue_->release(held, 30s)).value(), IsEmpty());
  world_.clock.advance(6s);
  auto const after = depth();
  EXPECT_EQ(after.visible, 3u);
  EXPECT_EQ(after.leased, 0u);
  EXPECT_EQ(after.delayed, 3u);
}

TEST_F(SqliteQueue, TellsWhenAMessageExpires) {
  send("a", 0s, 90s);
  auto const received = receive();
  ASSERT_THAT(received, SizeIs(1));
  EXPECT_EQ(received[0].expires_at, world_.clock.system() + 90s);
}

TEST_F(SqliteQueue, CarriesEveryByte) {
  std::string body;
  for (int i = 0; i < 512; ++i) body += static_cast<char>(i);
  send(body);
  EXPECT_THAT(bodies(), ElementsAre(body));
}

TEST_F(SqliteQueue, KeepsQueuesOfOneFileApart) {
  auto const other = world_.queue("other");
  send("a");
  Receive const options;
  EXPECT_THAT(fakes::run(world_.loop, other->receive(options)).value(), IsEmpty());
  EXPECT_EQ(fakes::run(world_.loop, other->depth()).value().total(), 0u);
  EXPECT_THAT(bodies(), ElementsAre("a"));
}

TEST_F(SqliteQueue, RefusesALeaseThatIsOutOfRange) {
  Receive options;
  options.lease = 0s;
  auto const reply = fakes::run(world_.loop, queue_->receive(options));
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().code, Errc::invalid);
}

TEST_F(SqliteQueue, SleepsLongerAndLongerWhileItWaitsInVain) {
  Receive options;
  options.wait = 1s;
  auto const before = world_.clock.steady();
  EXPECT_THAT(fakes::run(world_.loop, queue_->receive(options)).value(), IsEmpty());
  EXPECT_EQ(world_.clock.steady() - before, 1s);
  ASSERT_GE(world_.clock.slept.size(), 3u);
  EXPECT_LT(world_.clock.slept.size(), 40u);
  EXPECT_LT(world_.clock.slept[0], world_.clock.slept[2]);
}

TEST(SqliteWait, EndsAtOnceWhenAMessageIsSentOnTheSameLoop) {
  Folder const folder;
  World<base::RealClock> world(folder.file());
  auto const queue = world.queue();
  std::vector<Message> received;
  auto const waits = [&]() -> boost::asio::awaitable<void> {
    Receive options;
    options.wait = 20s;
    received = (co_await queue->receive(options)).value();
  };
  boost::asio::co_spawn(world.loop, waits(), boost::asio::detached);
  std::vector<Outgoing> const batch = {outgoing("now")};
  fakes::run(world.loop, queue->send(batch)).value();
  auto const begin = std::chrono::steady_clock::now();
  while (received.empty() && world.loop.run_one() > 0) {
  }
  EXPECT_THAT(received, SizeIs(1));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

TEST(SqliteWait, SeesAMessageThatAnotherProcessSent) {
  Folder const folder;
  World<base::RealClock> here(folder.file());
  World<base::RealClock> there(folder.file());
  auto const mine = here.queue();
  auto const theirs = there.queue();
  std::vector<Outgoing> batch = {outgoing("soon")};
  batch[0].delay = 1s;
  fakes::run(there.loop, theirs->send(batch)).value();
  Receive options;
  options.wait = 20s;
  auto const begin = std::chrono::steady_clock::now();
  EXPECT_THAT(fakes::run(here.loop, mine->receive(options)).value(), SizeIs(1));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

TEST(SqliteWait, EndsAtOnceWhenStopped) {
  Folder const folder;
  World<base::RealClock> world(folder.file());
  auto const queue = world.queue();
  std::stop_source stop;
  bool ended = false;
  auto const waits = [&]() -> boost::asio::awaitable<void> {
    Receive options;
    options.wait = 20s;
    options.stop = stop.get_token();
    auto const reply = co_await queue->receive(options);
    EXPECT_TRUE(reply.has_value() && reply->empty());
    ended = true;
  };
  boost::asio::co_spawn(world.loop, waits(), boost::asio::detached);
  auto const begin = std::chrono::steady_clock::now();
  fakes::run(world.loop, queue->depth()).value();
  stop.request_stop();
  while (!ended && world.loop.run_one() > 0) {
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

TEST(SqliteDatabase, CancelsWhatStillWaitsWhenDestroyed) {
  Folder const folder;
  World<base::RealClock> world(folder.file());
  auto queue = world.queue();
  int ended = 0;
  int cancelled = 0;
  std::vector<Outgoing> const batch = {outgoing("a")};
  auto const sends = [&]() -> boost::asio::awaitable<void> {
    auto const reply = co_await queue->send(batch);
    ++ended;
    if (!reply && reply.error().code == Errc::cancelled) ++cancelled;
  };
  for (int i = 0; i < 50; ++i) boost::asio::co_spawn(world.loop, sends(), boost::asio::detached);
  while (world.loop.poll_one() > 0) {
  }
  world.cloud.reset();
  world.loop.restart();
  world.loop.run();
  EXPECT_EQ(ended, 50);
  auto const late = fakes::run(world.loop, queue->send(batch));
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().code, Errc::cancelled);

  World<base::RealClock> again(folder.file());
  EXPECT_EQ(fakes::run(again.loop, again.queue()->depth()).value().total(),
            static_cast<std::size_t>(50 - cancelled))
      << "what was not cancelled is there, and nothing else";
}

TEST(SqliteDatabase, LeavesAFileThatIsCompleteWithoutItsLog) {
  Folder const folder;
  {
    World<base::RealClock> world(folder.file());
    auto const queue = world.queue();
    std::vector<Outgoing> const batch = {outgoing("a")};
    fakes::run(world.loop, queue->send(batch)).value();
  }
  std::filesystem::copy_file(folder.file(), folder.file("copy.db"));
  World<base::RealClock> world(folder.file("copy.db"));
  EXPECT_EQ(fakes::run(world.loop, world.queue()->depth()).value().total(), 1u);
}

}  // namespace storage::sqlite
