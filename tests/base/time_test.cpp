#include "base/time.hpp"

#include <gtest/gtest.h>

using namespace base;
using namespace std::chrono;

namespace {

System at(int y, unsigned m, unsigned d, int h = 0, int min = 0, int s = 0, int us = 0) {
  return sys_days{year{y} / static_cast<int>(m) / static_cast<int>(d)} + hours(h) + minutes(min) +
         seconds(s) + microseconds(us);
}

}  // namespace

TEST(Time, IsWrittenInEachFormOfTheWires) {
  auto const when = at(2026, 11, 22, 1, 2, 3, 4);
  EXPECT_EQ(http_date(when), "Sun, 22 Nov 2026 01:02:03 GMT");
  EXPECT_EQ(stamp(when), "2026-11-22 01:02:03.000004");
  EXPECT_EQ(iso8601(when), "2026-11-22T01:02:03Z");
  EXPECT_EQ(iso8601_basic(when), "20261122T010203Z");
  EXPECT_EQ(http_date(at(1969, 12, 31, 23, 59, 59, 999'999)), "Wed, 31 Dec 1969 23:59:59 GMT");
}

TEST(Time, IsReadBackAsItWasWritten) {
  for (auto const& when : {at(1970, 1, 1), at(2000, 2, 29, 23, 59, 59), at(2024, 2, 29, 12),
                           at(2026, 12, 31, 23, 59, 59), at(2038, 1, 19, 3, 14, 8), at(2100, 3, 1)}) {
    EXPECT_EQ(parse_http_date(http_date(when)), when);
    EXPECT_EQ(parse_iso8601(iso8601(when)), when);
    EXPECT_EQ(parse_stamp(stamp(when + microseconds(123'456))), when + microseconds(123'456));
  }
}

TEST(Time, IsReadWithFractionsAndOffsets) {
  EXPECT_EQ(parse_iso8601("2026-11-22T01:02:03.5Z"), at(2026, 11, 22, 1, 2, 3, 500'000));
  EXPECT_EQ(parse_iso8601("2026-11-22T01:02:03.1234567Z"), at(2026, 11, 22, 1, 2, 3, 123'456));
  EXPECT_EQ(parse_iso8601("2026-11-22T01:02:03+02:30"), at(2026, 11, 21, 22, 32, 3));
  EXPECT_EQ(parse_iso8601("2026-11-22T01:02:03-01:00"), at(2026, 11, 22, 2, 2, 3));
  EXPECT_EQ(parse_stamp("2026-11-22 01:02:03"), at(2026, 11, 22, 1, 2, 3));
  EXPECT_EQ(parse_stamp("2026-11-22 01:02:03.5"), at(2026, 11, 22, 1, 2, 3, 500'000));
}

TEST(Time, RefusesWhatIsNoMoment) {
  for (auto const* text :
       {"", "Sun, 22 Nov 2026 01:02:03", "Sun, 22 Nov 2026 01:02:03 GMT ", "Sun, 31 Feb 2026 01:02:03 GMT",
        "Sun, 22 Nov 2026 24:02:03 GMT", "Sun, 22 nov 2026 01:02:03 GMT", "Sun, 2 Nov 2026 01:02:03 GMT"})
    EXPECT_FALSE(parse_http_date(text)) << text;
  for (auto const* text :
       {"", "2026-11-22", "2026-11-22T01:02:03", "2026-11-22T01:02:03.Z", "2026-13-01T00:00:00Z",
        "2026-11-22T01:60:03Z", "2026-11-22T01:02:03Zx", "2026-11-22T01:02:03+0100", "2026-02-29T00:00:00Z"})
    EXPECT_FALSE(parse_iso8601(text)) << text;
  for (auto const* text :
       {"", "2026-11-22T01:02:03", "2026-11-22 01:02", "2026-11-22 01:02:03.", "2026-00-22 01:02:03", "x"})
    EXPECT_FALSE(parse_stamp(text)) << text;
}
