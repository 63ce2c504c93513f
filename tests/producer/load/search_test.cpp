#include "producer/load/search.hpp"

#include <gmock/gmock.h>

#include "producer/load/search_text.hpp"

namespace {

using namespace std::chrono_literals;
using producer::Bounds;
using producer::Search;
using testing::HasSubstr;

// The rates that a search tries at a service that keeps every rate up to `capacity`.
std::vector<double> rates_tried(Search& search, double capacity) {
  std::vector<double> rates;
  while (auto const next = search.next()) {
    rates.push_back(next->rate);
    search.judge(next->rate <= capacity);
  }
  return rates;
}

Bounds bounds(double from, double to = 1e6) {
  Bounds made;
  made.p99 = 50ms;
  made.from = from;
  made.to = to;
  return made;
}

TEST(Search, EndsWithinFivePercentBelowAnyCapacity) {
  for (double const capacity : {1.5, 10.0, 11.0, 137.0, 999.0, 12'345.0, 700'000.0}) {
    Search search(bounds(10));
    auto const rates = rates_tried(search, capacity);
    EXPECT_TRUE(search.confirmed()) << capacity;
    EXPECT_LE(search.best(), capacity);
    EXPECT_GE(search.best() * 1.06, capacity);
    EXPECT_LE(rates.size(), 40U);
    EXPECT_EQ(rates.back(), search.best());
  }
}

TEST(Search, DoublesThenHalvesAndTriesWhatFailedTwice) {
  Search search(bounds(100));
  EXPECT_THAT(rates_tried(search, 700),
              testing::ElementsAre(100, 200, 400, 800, 800, 600, 700, 750, 750, 725, 725, 700));
}

TEST(Search, ConfirmsForTwiceAsLong) {
  Search search(bounds(100, 100));
  EXPECT_EQ(search.next()->hold, 5s);
  search.judge(true);
  EXPECT_EQ(search.next()->hold, 10s);
  EXPECT_TRUE(search.next()->confirming);
}

TEST(Search, GoesNoHigherThanAsked) {
  Search search(bounds(100, 300));
  EXPECT_THAT(rates_tried(search, 1e9), testing::ElementsAre(100, 200, 300, 300));
  EXPECT_EQ(search.best(), 300);
}

TEST(Search, OneHiccupIsNotTheLimit) {
  Search search(bounds(100, 200));
  search.judge(true);
  search.judge(false);
  search.judge(true);
  search.judge(true);
  EXPECT_TRUE(search.confirmed());
  EXPECT_EQ(search.best(), 200);
}

TEST(Search, TakesLessWhereWhatItFoundDoesNotLast) {
  Search search(bounds(100, 200));
  search.judge(true);
  search.judge(true);
  search.judge(false);  // while confirming
  EXPECT_EQ(search.next()->rate, 190);
  search.judge(true);
  EXPECT_TRUE(search.confirmed());
  EXPECT_EQ(search.best(), 190);
}

TEST(Search, FindsNothingWhereNoRateIsKept) {
  Search search(bounds(100));
  auto const rates = rates_tried(search, 0);
  EXPECT_EQ(search.best(), 0);
  EXPECT_FALSE(search.confirmed());
  EXPECT_GE(rates.back(), 1);
  EXPECT_LE(rates.size(), 20U);
}

TEST(ParseSearch, ReadsBoundsAndWhereToTry) {
  auto const all = producer::parse_search("find-max:p99<50ms,backlog<1000,from=20,to=5000/30s");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->p99, 50ms);
  EXPECT_EQ(all->backlog, 1000U);
  EXPECT_EQ(all->from, 20);
  EXPECT_EQ(all->to, 5000);
  EXPECT_EQ(all->hold, 30s);
  auto const short_one = producer::parse_search("find-max:p99<1s");
  ASSERT_TRUE(short_one);
  EXPECT_EQ(short_one->p99, 1s);
  EXPECT_FALSE(short_one->backlog);
  EXPECT_EQ(short_one->hold, 5s);
}

TEST(ParseSearch, PointsAtWhereItStopsMakingSense) {
  auto const complaint = [](char const* text) { return producer::parse_search(text).error().message; };
  EXPECT_THAT(complaint("find-max"), HasSubstr("':' was expected here"));
  EXPECT_THAT(complaint("find-max:p99<fast"),
              HasSubstr("a time greater than zero, as 50ms or 5s, was expected here, what p99 must stay "
                        "under\n  find-max:p99<fast\n               ^"));
  EXPECT_THAT(complaint("find-max:p99<5ms,p99<6ms"), HasSubstr("p99 stands here twice"));
  EXPECT_THAT(complaint("find-max:p99<5ms;"), HasSubstr("',', '/' and a time, or the end"));
  EXPECT_THAT(complaint("find-max:from=5"), HasSubstr("a bound is missing"));
  EXPECT_THAT(complaint("find-max:p99<5ms,from=50,to=5"), HasSubstr("from is higher than to"));
  EXPECT_THAT(complaint("find-max:p99<5ms/10ms"), HasSubstr("too short"));
  EXPECT_THAT(complaint("find-max:backlog<0"), HasSubstr("a number of messages"));
  EXPECT_THAT(complaint("find-max:p99<5ms,to=0"), HasSubstr("a rate from 1 to"));
}

}  // namespace
