#include "app/parse.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;

TEST(ParseDuration, TakesEveryUnit) {
  EXPECT_EQ(app::parse_duration("250us").value(), 250us);
  EXPECT_EQ(app::parse_duration("50ms").value(), 50ms);
  EXPECT_EQ(app::parse_duration("90s").value(), 90s);
  EXPECT_EQ(app::parse_duration("5m").value(), 5min);
  EXPECT_EQ(app::parse_duration("1.5h").value(), 90min);
  EXPECT_EQ(app::parse_duration("2d").value(), 48h);
}

TEST(ParseDuration, TakesABareNumberAsSeconds) { EXPECT_EQ(app::parse_duration("60").value(), 60s); }

TEST(ParseDuration, RefusesWhatIsNone) {
  for (auto const* text : {"", "s", "-1s", "1x", "nan", "inf", "1e400s", "1 s", "99999999999d"})
    EXPECT_TRUE(app::parse_duration(text).has_error()) << text;
}

TEST(ParseWhole, TakesSeparatorsAndHoldsBounds) {
  EXPECT_EQ(app::parse_whole("1_000_000", 1, UINT64_MAX).value(), 1'000'000U);
  EXPECT_EQ(app::parse_whole("0", 1, 10).error().message, "is less than the least allowed, 1");
  EXPECT_EQ(app::parse_whole("11", 1, 10).error().message, "is more than the most allowed, 10");
  for (auto const* text : {"", "-1", "1.5", "0x10", "18446744073709551616"})
    EXPECT_EQ(app::parse_whole(text, 0, UINT64_MAX).error().message, "is not a whole number") << text;
}

TEST(ParseDecimal, RefusesNegativeAndInfinite) {
  EXPECT_DOUBLE_EQ(app::parse_decimal("0.5").value(), 0.5);
  for (auto const* text : {"-1", "inf", "nan", "1,5", ""})
    EXPECT_TRUE(app::parse_decimal(text).has_error()) << text;
}

}  // namespace
