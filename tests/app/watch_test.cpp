#include "app/watch.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "fakes/loop.hpp"

namespace {

using namespace std::chrono_literals;

class WatchTest : public testing::Test {
 protected:
  app::Watch how() {
    app::Watch made;
    made.start = made.origin = loop().clock().steady();
    made.queue = queue_.get();
    made.patience = 1s;
    made.part = [](base::Steady, double depth) { return app::Series::Part{{1}, {depth}, {}}; };
    return made;
  }
  app::Loop& loop() { return *world_.loop; }
  boost::asio::awaitable<void> sleep(std::chrono::nanoseconds time) { return loop().clock().sleep(time); }
  bool watched(boost::asio::awaitable<void> work) {
    std::optional<bool> answered;
    boost::asio::co_spawn(loop().io(), app::watched(loop(), series_, how(), show_, std::move(work)),
                          [&answered](std::exception_ptr thrown, bool value) {
                            app::rethrow(thrown);
                            answered = value;
                          });
    world_.timeline->run(loop().io(), [&answered] { return answered.has_value(); }, 10min);
    return answered.value();
  }

  fakes::Loop world_;
  base::NoLog log_;
  app::Screen screen_{log_};
  app::Show show_{screen_, false, nullptr, nullptr};
  app::Series series_{app::Series::Shape{{"ticks"}, {"depth"}, {}}, 1};
  std::unique_ptr<storage::Queue> queue_ = world_.queue("q");
};

TEST_F(WatchTest, AddsARowEachSecondAndWhatIsLeftAtTheEnd) {
  EXPECT_TRUE(watched(sleep(2500ms)));
  auto const rows = series_.rows();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[1].at(series_.column("t")), 2);
  EXPECT_EQ(rows[2].at(series_.column("t")), 2.5);
  EXPECT_EQ(rows[1].at(series_.column("depth")), 0);
}

TEST_F(WatchTest, GoesOnInTheNextRowsAfterAPause) {
  EXPECT_TRUE(watched(sleep(1s)));
  series_.rejoin();
  EXPECT_TRUE(watched(sleep(1s)));
  EXPECT_EQ(series_.total("ticks"), static_cast<double>(series_.rows().size()));
  EXPECT_GE(series_.rows().size(), 2U);
}

TEST_F(WatchTest, DoesNotWaitForEverForAQueueThatDoesNotSayItsDepth) {
  world_.cloud->state("q").takes = [](std::string const&) { return std::chrono::nanoseconds(1h); };
  auto const begun = loop().clock().steady();
  EXPECT_FALSE(watched(sleep(3s)));
  EXPECT_LE(loop().clock().steady() - begun, 4100ms);
  EXPECT_TRUE(std::isnan(series_.rows().front().at(series_.column("depth"))));
}

}  // namespace
