#include "app/reading.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace {

TEST(Sparkline, DrawsTheHighestAtFullHeight) {
  EXPECT_EQ(app::sparkline({0, 50, 100}), "▁▅█");
  EXPECT_EQ(app::sparkline({0, NAN, 0}), "▁ ▁");
  EXPECT_EQ(app::sparkline({}), "");
}

TEST(ClockOf, TellsMinutesAndWhereThereAreSomeHours) {
  EXPECT_EQ(app::clock_of(75.2), "01:15");
  EXPECT_EQ(app::clock_of(3 * 3600 + 61), "3:01:01");
}

}  // namespace
