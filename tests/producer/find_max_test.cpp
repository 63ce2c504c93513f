#include "producer/find_max.hpp"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>

#include "app/body.hpp"
#include "fakes/loop.hpp"
#include "producer/watch.hpp"

namespace {

using namespace std::chrono_literals;

// A search on simulated time, at a service that serves one message after the other, each in the same time.
class FindMaxTest : public testing::Test {
 protected:
  FindMaxTest() {
    loops_.push_back(std::move(world_.loop));
    ledger_ = *producer::Ledger::open("", "a", "memory:q", false, app::max_seq);
    run_.id = "a";
    run_.end = app::max_seq;
    run_.ledger = ledger_.get();
    run_.start = run_.origin = loop().clock().steady();
    lanes_[0].queue = *loop().stores().queue("memory:q", storage::Encoding::automatic);
    producer::make_senders(loops_, lanes_, run_);
    bounds_.p99 = 200ms;
  }
  app::Loop& loop() { return *loops_.front(); }
  fakes::State& state() { return world_.cloud->state("q"); }

  void serve_each_in(std::chrono::nanoseconds each) {
    state().takes = [this, each](std::string const& call) -> std::chrono::nanoseconds {
      if (call != "send") return 0ns;
      auto const now = loop().clock().steady();
      free_ = std::max(free_, now) + each;
      return free_ - now;
    };
  }
  base::Result<producer::Found> find() {
    producer::RunAll const run_all = [this](auto const& work) {
      bool done = false;
      boost::asio::co_spawn(loop().io(), work(loop(), 0), [&done](std::exception_ptr thrown) {
        done = true;
        app::rethrow(thrown);
      });
      EXPECT_TRUE(world_.timeline->run(loop().io(), [&done] { return done; }));
    };
    return producer::find_max(loops_, run_all, lanes_, run_, view_, bounds_, counts_);
  }

  fakes::Loop world_;
  app::Loops loops_;
  std::unique_ptr<producer::Ledger> ledger_;
  producer::Run run_;
  std::vector<producer::Lane> lanes_{1};
  base::NoLog log_;
  app::Screen screen_{log_};
  producer::View view_{
      {"a", "memory:q", {}, {}}, app::Series(producer::send_shape(), 1), screen_, false, false};
  producer::Bounds bounds_;
  producer::Counts counts_;
  base::Steady free_;
};

TEST_F(FindMaxTest, FindsTheCapacityOfAServiceByItsLatency) {
  serve_each_in(2ms);  // 500 a second
  auto const found = find();
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->confirmed);
  // A little above it, five seconds are too short for a queue of 200 ms to build up.
  EXPECT_GE(found->rate, 475);
  EXPECT_LE(found->rate, 525);
  EXPECT_EQ(found->limit, "p99");
  ASSERT_NE(found->best(), nullptr);
  EXPECT_LT(found->best()->latency.quantile(0.99), 200ms);
  EXPECT_EQ(ledger_->snapshot().acknowledged.size(), counts_.sent);
  EXPECT_EQ(view_.series.total("sent"), static_cast<double>(counts_.sent));
}

TEST_F(FindMaxTest, KeepsTheBacklogUnderItsBound) {
  // Nothing is slow to send; 100 messages a second are taken off.
  bounds_.p99.reset();
  bounds_.backlog = 100;
  bool over = false;
  boost::asio::co_spawn(
      loop().io(),
      [](app::Loop& loop, fakes::State& state, bool const& ended) -> boost::asio::awaitable<void> {
        while (!ended) {
          co_await loop.clock().sleep(std::chrono::milliseconds(10));
          if (!state.messages.empty()) state.messages.pop_front();
        }
      }(loop(), state(), over),
      app::rethrow);
  auto const found = find();
  over = true;
  world_.timeline->run(loop().io(), [] { return false; }, 1s);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->confirmed);
  EXPECT_EQ(found->limit, "backlog");
  // Ten seconds of confirming let 100 messages more than were taken off: up to 110 a second.
  EXPECT_GE(found->rate, 95);
  EXPECT_LE(found->rate, 111);
}

TEST_F(FindMaxTest, SaysThatNobodyTakesMessagesOff) {
  bounds_.backlog = 50;
  auto const found = find();
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, testing::HasSubstr("nobody takes messages off the queue"));
}

TEST_F(FindMaxTest, CountsARateAtWhichMessagesFailAsTooHigh) {
  serve_each_in(1ms);
  state().fail_call = [this](std::string const& call) -> std::optional<base::Error> {
    if (call != "send" || !run_.arrivals || run_.arrivals->rate(1ns) <= 100) return std::nullopt;
    return base::Error(base::Errc::throttled, "planted");
  };
  auto const found = find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->limit, "failures");
  EXPECT_LE(found->rate, 100);
  EXPECT_GE(found->rate, 95);
}

TEST_F(FindMaxTest, EndsWithWhatItHasWhenAsked) {
  serve_each_in(2ms);
  boost::asio::co_spawn(
      loop().io(),
      [](app::Loop& loop) -> boost::asio::awaitable<void> {
        co_await loop.clock().sleep(std::chrono::seconds(12));
        loop.request_stop();
      }(loop()),
      app::rethrow);
  auto const found = find();
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->confirmed);
  EXPECT_EQ(found->rate, 20);
  EXPECT_EQ(found->steps.size(), 2U);
}

}  // namespace
