#include "producer/pacing.hpp"

#include <gtest/gtest.h>

#include "producer/load/profile.hpp"

namespace {

using namespace std::chrono_literals;
base::Steady const start{std::chrono::hours(1)};

TEST(Schedule, NeverDrifts) {
  auto const rate = producer::Profile::constant(3);
  producer::Schedule const schedule(start, rate, 0, 1);
  EXPECT_EQ(schedule.due(0), start);
  EXPECT_EQ(schedule.due(3), start + 1s);
  EXPECT_EQ(schedule.due(3'000'000), start + 1'000'000s);
}

TEST(Schedule, SharesTheRateBetweenLanes) {
  auto const rate = producer::Profile::constant(10);
  producer::Schedule const one(start, rate, 0, 2);
  producer::Schedule const two(start, rate, 1, 2);
  EXPECT_EQ(one.due(1), start + 200ms);
  EXPECT_EQ(two.due(0), start + 100ms);
  EXPECT_EQ(two.due(1), start + 300ms);
}

TEST(Schedule, CountsWhatIsDue) {
  auto const rate = producer::Profile::constant(100);
  producer::Schedule const schedule(start, rate, 0, 1);
  EXPECT_EQ(schedule.due_by(start - 1ms, 0), 0U);
  EXPECT_EQ(schedule.due_by(start, 0), 1U);
  EXPECT_EQ(schedule.due_by(start + 55ms, 0), 6U);
  EXPECT_EQ(schedule.due_by(start + 55ms, 4), 2U);
  EXPECT_EQ(schedule.due_by(start + 55ms, 6), 0U);
}

TEST(Schedule, CountsExactlyWhatDueSays) {
  for (double const each : {0.7, 3.0, 333.0, 1999.0}) {
    auto const rate = producer::Profile::constant(each);
    for (std::uint64_t lane = 0; lane < 3; ++lane) {
      producer::Schedule const schedule(start, rate, lane, 3);
      for (int step = 0; step < 500; ++step) {
        auto const now = start + step * 7ms;
        std::uint64_t expected = 0;
        while (*schedule.due(expected) <= now) ++expected;
        ASSERT_EQ(schedule.due_by(now, 0), expected) << each << ' ' << lane << ' ' << step;
      }
    }
  }
}

}  // namespace
