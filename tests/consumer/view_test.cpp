#include "consumer/view.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

consumer::Counts counts(std::uint64_t done, std::uint64_t throttled) {
  consumer::Counts made;
  made.received = done + 3;
  made.acknowledged = made.persisted = made.processed = done;
  made.errors[static_cast<std::size_t>(base::Errc::throttled)] = throttled;
  for (std::uint64_t i = 0; i < done; ++i) made.end_to_end.record(8ms);
  return made;
}

app::Addresses where() {
  app::Addresses made;
  made.queue = "memory:q";
  made.table = "memory:t";
  return made;
}

TEST(ConsumerView, TellsRateEndToEndDepthAndFailures) {
  app::Series series(consumer::run_shape(), 1);
  EXPECT_TRUE(consumer::live_block(where(), series).empty());
  auto const first = counts(200, 0);
  auto const second = counts(399, 4);
  series.add(0, 1, consumer::part_of(first, {}, 3, 500));
  series.add(0, 2, consumer::part_of(second, first, 3, 1234));
  EXPECT_THAT(consumer::live_block(where(), series),
              ElementsAre(HasSubstr("memory:q → memory:t   00:02"), HasSubstr("199/s   ██"),
                          HasSubstr("399 rows   held 3"), HasSubstr("p99 8.0"), HasSubstr("1,234   ▄█"),
                          HasSubstr("throttled 4")));
}

TEST(ConsumerView, ItsRowsAddUpToTheCounts) {
  app::Series series(consumer::run_shape(), 1);
  auto const first = counts(200, 1);
  auto last = counts(399, 4);
  last.failed = 5;
  last.process.record(2ms);
  series.add(0, 1, consumer::part_of(first, {}, 3, NAN));
  series.add(0, 2, consumer::part_of(last, first, 0, NAN));
  EXPECT_EQ(series.total("received"), 402);
  EXPECT_EQ(series.total("acknowledged"), 399);
  EXPECT_EQ(series.total("failed"), 5);
  EXPECT_EQ(series.total("errors.throttled"), 4);
  EXPECT_NEAR(series.last()->at(series.column("process_ms.p99")), 2, 0.02);
}

}  // namespace
