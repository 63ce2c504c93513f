#include "producer/live.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "producer/watch.hpp"

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

app::Series::Part second(double started, double throttled, double depth) {
  app::Series::Part part;
  part.counts = {started, started - throttled, throttled, 0, 0};
  part.counts.resize(5 + app::errc_count);
  part.counts[5 + static_cast<std::size_t>(base::Errc::throttled)] = throttled;
  part.gauges = {200, 3, depth};
  part.times.resize(2);
  part.times[0].record(8ms);
  part.times[1].record(2ms);
  return part;
}

TEST(LiveBlock, TellsRateLatencyDepthAndFailures) {
  app::Series series(producer::send_shape(), 1);
  producer::Headline const headline{"a", "memory:q", 1000, 30.0};
  EXPECT_TRUE(producer::live_block(headline, series).empty());
  series.add(0, 1, second(200, 0, 5));
  series.add(0, 2, second(199, 4, NAN));
  auto const lines = producer::live_block(headline, series);
  EXPECT_THAT(lines, ElementsAre(HasSubstr("run a → memory:q   00:02 of 00:30"),
                                 HasSubstr("199/s of 200/s asked   ██"), HasSubstr("sent     395 of 1,000"),
                                 HasSubstr("p99 8.0"), HasSubstr("throttled 4")));
  EXPECT_THAT(lines[2], HasSubstr("in flight 3   failed 4"));
  EXPECT_THAT(producer::progress_line(headline, series), HasSubstr("sent 395 of 1,000, 199 a second"));
}

TEST(LiveBlock, ShowsTheDepthWhereItIsTold) {
  app::Series series(producer::send_shape(), 1);
  series.add(0, 1, second(200, 0, 1234));
  EXPECT_THAT(producer::live_block({"a", "memory:q", {}, {}}, series),
              testing::Contains(HasSubstr("depth    1,234")));
}

}  // namespace
