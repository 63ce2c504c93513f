#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

#include "base/clock.hpp"
#include "base/event.hpp"
#include "base/gather.hpp"
#include "fakes/run.hpp"

namespace asio = boost::asio;
using asio::awaitable;
using Work = std::function<awaitable<void>(std::size_t)>;

namespace {

awaitable<void> turn() { co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable); }

}  // namespace

TEST(Gather, RunsEachOnceInOrderAndNoMoreAtOnceThanAllowed) {
  for (std::size_t const at_once : {std::size_t{1}, std::size_t{3}, std::size_t{100}}) {
    std::size_t running = 0, most = 0;
    std::vector<std::size_t> begun;
    Work const work = [&](std::size_t i) -> awaitable<void> {
      begun.push_back(i);
      most = std::max(most, ++running);
      for (std::size_t k = 0; k < 1 + i % 3; ++k) co_await turn();
      --running;
    };
    asio::io_context loop;
    fakes::run(loop, base::gather(20, at_once, work));
    EXPECT_EQ(most, std::min<std::size_t>(at_once, 20));
    ASSERT_EQ(begun.size(), 20U);
    for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(begun[i], i);
  }
}

TEST(Gather, CountsZeroAtOnceAsOneAndZeroWorkAsDone) {
  int calls = 0;
  Work const work = [&](std::size_t) -> awaitable<void> {
    ++calls;
    co_return;
  };
  asio::io_context loop;
  fakes::run(loop, base::gather(0, 5, work));
  EXPECT_EQ(calls, 0);
  fakes::run(loop, base::gather(3, 0, work));
  EXPECT_EQ(calls, 3);
  fakes::run(loop, base::gather(1, 5, work));
  EXPECT_EQ(calls, 4);
}

TEST(Gather, ThrowsTheFirstExceptionOnAfterTheRestHasRun) {
  for (std::size_t const at_once : {std::size_t{2}, std::size_t{10}}) {
    std::size_t ended = 0;
    Work const work = [&](std::size_t i) -> awaitable<void> {
      co_await turn();
      if (i == 3) throw std::runtime_error("three");
      if (i == 5) throw std::runtime_error("five");
      co_await turn();
      ++ended;
    };
    asio::io_context loop;
    try {
      fakes::run(loop, base::gather(10, at_once, work));
      FAIL() << "the exception was lost";
    } catch (std::runtime_error const& thrown) {
      EXPECT_STREQ(thrown.what(), "three");
    }
    EXPECT_EQ(ended, 8U) << "with " << at_once << " at once";
  }
}

TEST(Event, WakesAllThatWaitAndForgetsWhatCameBefore) {
  asio::io_context loop;
  base::Event event(loop.get_executor());
  int woken = 0;
  auto waiter = [](base::Event& on, int& count) -> awaitable<void> {
    co_await on.wait();
    ++count;
  };
  event.notify();
  for (int i = 0; i < 3; ++i) asio::co_spawn(loop, waiter(event, woken), asio::detached);
  loop.poll();
  EXPECT_EQ(woken, 0);
  event.notify();
  loop.run();
  EXPECT_EQ(woken, 3);
}

TEST(RealClock, WakesASleeperAtOnceWhenStopped) {
  base::RealClock clock;
  std::stop_source stop;
  asio::io_context loop;
  bool woke = false;
  auto sleeper = [](base::Clock& on, std::stop_token token, bool& done) -> awaitable<void> {
    auto sleeping = on.sleep(std::chrono::hours(1), std::move(token));
    co_await std::move(sleeping);
    done = true;
  };
  asio::co_spawn(loop, sleeper(clock, stop.get_token(), woke), asio::detached);
  loop.poll();
  EXPECT_FALSE(woke);
  stop.request_stop();
  loop.run();
  EXPECT_TRUE(woke);
  // Stopped before it began: not a turn of waiting.
  fakes::run(loop, clock.sleep(std::chrono::hours(1), stop.get_token()));
}

TEST(RealClock, SleepsUntilTheDeadline) {
  base::RealClock clock;
  asio::io_context loop;
  auto const begun = clock.steady();
  fakes::run(loop, clock.sleep(std::chrono::milliseconds(5)));
  EXPECT_GE(clock.steady() - begun, std::chrono::milliseconds(5));
  EXPECT_NEAR(std::chrono::duration<double>(clock.system() - std::chrono::system_clock::now()).count(), 0, 5);
}
