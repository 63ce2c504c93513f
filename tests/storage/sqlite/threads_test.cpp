// Several event loops of one process on one file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "base/gather.hpp"
#include "storage/sqlite/world.hpp"

namespace storage::sqlite {
namespace {

using boost::asio::awaitable;
using namespace std::chrono_literals;

constexpr int senders = 4;
constexpr int each = 300;

awaitable<void> send(storage::Queue& queue, int sender) {
  for (int i = 0; i < each; i += 3) {
    std::vector<Outgoing> batch;
    for (int k = i; k < i + 3; ++k)
      batch.push_back(outgoing(std::to_string(sender) + '-' + std::to_string(k)));
    auto const rejected = co_await queue.send(batch);
    EXPECT_TRUE(rejected.has_value() && rejected->empty());
  }
}

awaitable<void> consume(storage::Queue& queue, storage::Table& table, std::atomic<int>& left) {
  while (left > 0) {
    Receive options;
    options.at_most = 10;
    options.wait = 20ms;
    auto const messages = co_await queue.receive(options);
    EXPECT_TRUE(messages.has_value());
    if (!messages) co_return;
    std::vector<Entity> rows(messages->size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ((*messages)[i].receive_count, 1);
      rows[i].key.partition = "p";
      rows[i].key.row = (*messages)[i].body;
    }
    auto const written = co_await table.upsert(rows);
    EXPECT_TRUE(written.has_value());
    auto const removed = co_await queue.remove(*messages);
    EXPECT_TRUE(removed.has_value() && removed->empty());
    left -= static_cast<int>(messages->size());
  }
}

}  // namespace

TEST(SqliteThreads, ShareOneFileWithoutLossOrRepetition) {
  Folder const folder;
  std::atomic<int> left{senders * each};
  std::vector<std::thread> threads;
  for (int i = 0; i < senders; ++i) {
    threads.emplace_back([&, i] {
      World<base::RealClock> world(folder.file());
      auto const queue = world.queue();
      fakes::run(world.loop, send(*queue, i));
    });
    threads.emplace_back([&] {
      World<base::RealClock> world(folder.file());
      auto const queue = world.queue();
      auto const table = world.table();
      std::function<awaitable<void>(std::size_t)> const lane = [&](std::size_t) {
        return consume(*queue, *table, left);
      };
      fakes::run(world.loop, base::gather(3, 3, lane));
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(left, 0);
  World<base::RealClock> world(folder.file());
  auto const table = world.table();
  Range range;
  range.at_most = senders * each + 1;
  EXPECT_THAT(fakes::run(world.loop, table->scan(range)).value().rows, testing::SizeIs(senders * each));
}

}  // namespace storage::sqlite
