#include "producer/start.hpp"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>

#include "base/time.hpp"
#include "fakes/loop.hpp"
#include "producer/load/profile.hpp"
#include "producer/load/shared_arrivals.hpp"
#include "producer/sender.hpp"

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// A timeline whose wall clock is set to another time now and then; its steady clock goes on.
class Jumping final : public base::Clock {
 public:
  base::Steady steady() const override { return timeline.steady(); }
  base::System system() const override {
    std::chrono::nanoseconds set{0};
    for (auto const& [after, by] : jumps)
      if (timeline.steady() >= after) set = by;
    return timeline.system() + set;
  }
  boost::asio::awaitable<void> sleep_until(base::Steady deadline, std::stop_token stop) override {
    return timeline.sleep_until(deadline, std::move(stop));
  }

  fakes::Timeline timeline;
  std::vector<std::pair<base::Steady, std::chrono::nanoseconds>> jumps;
};

class ClockJump : public testing::Test {
 protected:
  ClockJump() {
    auto clock = std::make_unique<Jumping>();
    clock_ = clock.get();
    loop_ = std::make_unique<app::Loop>(std::move(clock), std::make_unique<base::SeededRandom>(1), log_);
    auto cloud = std::make_unique<fakes::Cloud>(loop_->clock());
    cloud_ = cloud.get();
    std::vector<std::unique_ptr<storage::Cloud>> clouds;
    clouds.push_back(std::move(cloud));
    loop_->use(nullptr, std::make_unique<storage::Stores>(std::move(clouds)));
    start_ = clock_->steady();
  }
  void jump(std::chrono::nanoseconds after, std::chrono::nanoseconds by) {
    clock_->jumps.emplace_back(start_ + after, by);
  }
  std::optional<base::Steady> wait(base::System at, std::chrono::nanoseconds limit = 1h) {
    std::optional<base::Steady> moment;
    bool done = false;
    auto const waiting = [this, at, &moment, &done]() { return run_wait(at, moment, done); };
    boost::asio::co_spawn(loop_->io(), waiting, app::rethrow);
    clock_->timeline.run(loop_->io(), [&done] { return done; }, limit);
    return moment;
  }
  boost::asio::awaitable<void> run_wait(base::System at, std::optional<base::Steady>& moment, bool& done) {
    moment = co_await producer::wait_for_start(*clock_, at, loop_->stop());
    done = true;
  }

  base::NoLog log_;
  Jumping* clock_ = nullptr;
  fakes::Cloud* cloud_ = nullptr;
  std::unique_ptr<app::Loop> loop_;
  base::Steady start_;
};

TEST_F(ClockJump, LeavesThePaceAsItIs) {
  jump(1s, 1h);
  jump(2s, -2h);
  jump(2500ms, 24h * 365);
  jump(4s, -1ms);
  std::vector<std::chrono::nanoseconds> sent;
  cloud_->state("q").takes = [&](std::string const& call) {
    if (call == "send") sent.push_back(clock_->steady() - start_);
    return std::chrono::nanoseconds(0);
  };
  auto queue = *loop_->stores().queue("memory:q", storage::Encoding::automatic);
  auto ledger = *producer::Ledger::open("", "a", "memory:q", false, 600);
  producer::Run run;
  run.id = "a";
  run.end = 600;
  run.ledger = ledger.get();
  run.start = run.origin = start_;
  run.deadline = start_ + 5s;
  run.arrivals = std::make_shared<producer::Profile>(producer::Profile::constant(100));
  producer::Sender sender(*loop_, *queue, run, 0, 1);
  bool done = false;
  boost::asio::co_spawn(loop_->io(), sender.run(), [&done](std::exception_ptr thrown) {
    done = true;
    app::rethrow(thrown);
  });
  ASSERT_TRUE(clock_->timeline.run(loop_->io(), [&done] { return done; }));
  ASSERT_EQ(sent.size(), 500U);
  for (std::size_t i = 0; i < sent.size(); ++i) EXPECT_EQ(sent[i], i * 10ms) << i;
  EXPECT_LT(sender.counts().latency.max(), 1ms);
}

TEST_F(ClockJump, IsFollowedWhileAStartIsAwaited) {
  auto const at = clock_->system() + 60s;
  jump(10s, 30s);  // set right: it was slow
  auto const moment = wait(at);
  ASSERT_TRUE(moment.has_value());
  EXPECT_EQ(*moment - start_, 30s);
}

TEST_F(ClockJump, BackMakesAStartWaitLonger) {
  auto const at = clock_->system() + 20s;
  jump(10s, -30s);
  EXPECT_EQ(wait(at).value_or(start_) - start_, 50s);
}

TEST_F(ClockJump, BeyondTheStartBeginsAtOnce) {
  auto const at = clock_->system() + 20s;
  jump(10500ms, 1h);
  auto const moment = wait(at);
  ASSERT_TRUE(moment.has_value());
  EXPECT_LE(clock_->steady() - start_, 11s);
  EXPECT_LE(clock_->steady() - *moment, 1s);  // and is no hour behind from the first message on
}

TEST_F(ClockJump, OrNotAStopEndsTheWait) {
  loop_->request_stop();
  EXPECT_FALSE(wait(clock_->system() + 20s).has_value());
}

TEST(Start, IsAMomentThatMachinesAgreeOn) {
  auto const moment = *base::parse_stamp("2026-11-22 14:00:00.250000");
  for (auto const* text : {"2026-11-22T14:00:00.25Z", "2026-11-22T16:00:00.25+02:00",
                           "2026-11-22 14:00:00.250000", "1795356000.25"})
    EXPECT_EQ(producer::parse_moment(text).value(), moment) << text;
  for (auto const* text :
       {"", "tomorrow", "14:00", "2026-11-22T14:00:00", "2026-13-22T14:00:00Z", "-5", "99999999999"})
    EXPECT_TRUE(producer::parse_moment(text).has_error()) << text;
}

TEST(Start, IsStillToComeAndNotFarOff) {
  auto const now = *base::parse_stamp("2026-11-22 14:00:00.000000");
  EXPECT_TRUE(producer::check_start(now + 1s, now).has_value());
  EXPECT_THAT(producer::check_start(now - 90s, now).error().message, HasSubstr("past by 90 s"));
  EXPECT_THAT(producer::check_start(now + 25h, now).error().message, HasSubstr("more than a day ahead"));
}

TEST(SharedArrivals, OfAllInstancesAreThoseOfTheWholeSchedule) {
  auto const whole = std::make_shared<producer::Profile>(std::vector<producer::Stretch>{{0, 100, 0, 1, 2}});
  std::vector<std::chrono::nanoseconds> all;
  for (std::uint64_t i = 0; whole->due(i); ++i) all.push_back(*whole->due(i));
  ASSERT_EQ(all.size(), 100U);
  std::vector<std::chrono::nanoseconds> together;
  for (std::uint64_t remainder = 0; remainder < 3; ++remainder) {
    producer::SharedArrivals const own(whole, {3, remainder});
    std::uint64_t count = 0;
    for (; own.due(count); ++count) {
      together.push_back(*own.due(count));
      EXPECT_EQ(own.due_by(*own.due(count)), count + 1);
      EXPECT_EQ(own.due_by(*own.due(count) - 1ns), count);
    }
    EXPECT_EQ(count, remainder == 1 ? 34U : 33U);
    EXPECT_NEAR(own.rate(1s), 50.0 / 3, 0.01);
    EXPECT_EQ(own.length(), whole->length());
  }
  std::sort(together.begin(), together.end());
  EXPECT_EQ(together, all);
}

TEST(Share, CountsItsOwnNumbers) {
  for (std::uint64_t instances = 1; instances <= 5; ++instances) {
    for (std::uint64_t remainder = 0; remainder < instances; ++remainder) {
      producer::Share const share{instances, remainder};
      std::uint64_t number = 0;
      for (std::uint64_t seq = 1; seq <= 30; ++seq) {
        EXPECT_EQ(share.owns(seq), seq % instances == remainder);
        if (share.owns(seq)) {
          EXPECT_EQ(share.seq(++number), seq);
        }
        EXPECT_EQ(share.number(seq), number);
      }
      EXPECT_EQ(share.seq(0), 0U);
    }
  }
}

}  // namespace
