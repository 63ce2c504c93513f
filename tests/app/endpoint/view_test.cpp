#include "app/endpoint/view.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace {

using namespace std::chrono_literals;
using app::Trend;
using testing::HasSubstr;
using testing::Optional;

base::Steady const start{1'000'000s};

std::int64_t ns(base::Steady at) { return std::chrono::nanoseconds(at.time_since_epoch()).count(); }

class ViewTest : public testing::Test {
 protected:
  ViewTest() {
    view_.phase = app::Phase::working;
    view_.now = start;
    view_.today = base::System(2'000'000s);
    view_.loops = &loops_;
    view_.trend = &trend_;
    app::Told told;
    told.traffic = std::make_shared<http::Traffic>();
    told.queue = queue_;
    told.pulse = pulse_;
    told.finished = [] { return 0; };
    loops_.push_back(told);
    pulse_->beat_ns.set(ns(start));
    queue_->answered(start, std::nullopt);
  }
  void count(std::int64_t total) {
    queue_->total.set(total);
    queue_->counted_ns.set(ns(view_.now));
  }
  // So many messages a second, for so many seconds.
  void work(int rate, int seconds) {
    for (int i = 0; i <= seconds; ++i) trend_.sample(start + i * 1s, static_cast<std::uint64_t>(i * rate), 1);
  }

  std::shared_ptr<app::QueueMeters> queue_ = std::make_shared<app::QueueMeters>();
  std::shared_ptr<app::Pulse> pulse_ = std::make_shared<app::Pulse>();
  std::vector<app::Told> loops_;
  Trend trend_;
  app::View view_;
};

TEST_F(ViewTest, IsReadyWhileTheQueueAnswers) { EXPECT_EQ(view_.unready(), std::nullopt); }

TEST_F(ViewTest, IsNotReadyBeforeItWorksNorWhileItDrains) {
  view_.phase = app::Phase::starting;
  EXPECT_THAT(view_.unready(), Optional(HasSubstr("starting")));
  view_.phase = app::Phase::draining;
  EXPECT_THAT(view_.unready(), Optional(HasSubstr("draining")));
}

TEST_F(ViewTest, ForgivesAQueueThatFailsForLessThanAMinute) {
  queue_->answered(start + 1s, base::Errc::transient);
  view_.now = start + 59s;
  EXPECT_EQ(view_.unready(), std::nullopt);
  view_.now = start + 61s;
  EXPECT_THAT(view_.unready(), Optional(HasSubstr("last reached 61.0 s ago; since then: transient")));
  queue_->answered(view_.now, std::nullopt);
  EXPECT_EQ(view_.unready(), std::nullopt);
}

TEST_F(ViewTest, StaysReadyWhereNothingIsAskedAndNothingFailed) {
  view_.now = start + 10min;
  pulse_->beat_ns.set(ns(view_.now));
  EXPECT_EQ(view_.unready(), std::nullopt);
}

TEST_F(ViewTest, DoesNotTakeItsOwnStopForTrouble) {
  queue_->answered(start + 1s, base::Errc::cancelled);
  view_.now = start + 61s;
  EXPECT_EQ(view_.unready(), std::nullopt);
}

TEST_F(ViewTest, IsAliveUntilALoopStandsStillForMinutes) {
  view_.now = start + 4min;
  EXPECT_EQ(view_.ailing(), std::nullopt);
  view_.now = start + 6min;
  EXPECT_THAT(view_.ailing(), Optional(HasSubstr("event loop 0 has not turned for 360 s")));
  pulse_->beat_ns.set(0);  // it has ended
  EXPECT_EQ(view_.ailing(), std::nullopt);
}

TEST_F(ViewTest, EstimatesTheTimeToDrainByItsOwnRate) {
  count(600);
  EXPECT_EQ(view_.seconds_to_drain(), 0);
  work(20, 10);
  EXPECT_NEAR(view_.seconds_to_drain(), 30, 0.01);
  count(0);
  EXPECT_EQ(view_.seconds_to_drain(), 0);
}

TEST_F(ViewTest, SaysADayWhereNothingIsFinished) {
  count(600);
  work(0, 10);
  EXPECT_EQ(view_.seconds_to_drain(), 86400);
}

TEST_F(ViewTest, KnowsTheAgeOfWhatItHoldsAndOfWhatCameLately) {
  queue_->arrived(start, 40s);
  EXPECT_EQ(view_.oldest_age(), 40);
  pulse_->oldest_ns.set(std::chrono::nanoseconds(view_.today.time_since_epoch() - 90s).count());
  EXPECT_EQ(view_.oldest_age(), 90);
  pulse_->oldest_ns.set(0);
  view_.now = start + 70s;
  EXPECT_EQ(view_.oldest_age(), 0);  // came more than a minute ago, and is done
}

TEST_F(ViewTest, TellsScalersWhatIsEstimated) {
  count(600);
  work(20, 10);
  auto const json = nlohmann::json::parse(app::scaling_json(view_));
  EXPECT_EQ(json["seconds_to_drain"], 30.0);
  EXPECT_EQ(json["messages"]["total"], 600);
  EXPECT_TRUE(json["messages"]["leased"].is_null());
  EXPECT_EQ(json["estimated"], nlohmann::json({"seconds_to_drain", "oldest_age_seconds"}));
}

TEST_F(ViewTest, EscapesWhatStandsOnThePage) {
  view_.setting.queue = "sqlite:<b>#x";
  app::Sheet sheet(app::families_of(app::Role::consumer));
  tell(sheet, view_);
  auto const page = app::status_page(view_, sheet);
  EXPECT_THAT(page, HasSubstr("sqlite:&lt;b&gt;#x"));
  EXPECT_THAT(page, testing::Not(HasSubstr("<script")));
}

TEST(TrendTest, LeavesOutTimeWithoutWork) {
  Trend trend;
  for (int i = 0; i <= 10; ++i) trend.sample(start + i * 1s, static_cast<std::uint64_t>(i * 50), 1);
  for (int i = 11; i <= 500; ++i) trend.sample(start + i * 1s, 500, 0);
  EXPECT_NEAR(trend.rate(), 50, 0.01);
}

TEST(TrendTest, ForgetsWhatIsMoreThanAMinuteOfWorkAgo) {
  Trend trend;
  std::uint64_t done = 0;
  for (int i = 0; i <= 200; ++i) trend.sample(start + i * 1s, done += (i < 100 ? 100 : 10), 1);
  EXPECT_NEAR(trend.rate(), 10, 0.01);
}

}  // namespace
