#include "consumer/stage.hpp"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <deque>

#include "consumer/held.hpp"
#include "fakes/loop.hpp"

namespace {

using namespace std::chrono_literals;
using consumer::Held;
using consumer::Stage;
using testing::ElementsAre;

class StageTest : public testing::Test {
 protected:
  void start(std::size_t unit, std::size_t parallel = 4, Stage::Parted parted = nullptr) {
    stage_ = std::make_unique<Stage>(
        *world_.loop, unit, parallel, [] { return 1ms; }, std::move(parted),
        [this](Stage::Batch batch) { return work(std::move(batch)); });
  }
  boost::asio::awaitable<void> work(Stage::Batch batch) {
    batches_.push_back(batch.size());
    co_await world_.loop->clock().sleep(takes_);
  }
  void push(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      held_.emplace_back();
      held_.back().body.seq = held_.size();
      stage_->push(held_.back());
    }
  }
  void pass(std::chrono::nanoseconds time) {
    bool over = false;
    boost::asio::co_spawn(world_.loop->io(), world_.loop->clock().sleep(time),
                          [&over](std::exception_ptr const&) { over = true; });
    world_.timeline->run(world_.loop->io(), [&over] { return over; });
  }

  fakes::Loop world_;
  std::chrono::nanoseconds takes_{0};
  std::deque<Held> held_;
  std::vector<std::size_t> batches_;
  std::unique_ptr<Stage> stage_;
};

TEST_F(StageTest, SendsWholeRequestsAtOnceAndTheRestAMomentLater) {
  start(10);
  push(25);
  pass(500us);
  EXPECT_THAT(batches_, ElementsAre(20));
  pass(1ms);
  EXPECT_THAT(batches_, ElementsAre(20, 5));
}

TEST_F(StageTest, FillsWhatIsLeftOverWithWhatComesAfterIt) {
  start(10);
  push(15);
  pass(500us);
  push(5);
  pass(100us);
  EXPECT_THAT(batches_, ElementsAre(10, 10));
}

TEST_F(StageTest, TakesNoMoreThanAHundredAtOnceAndWholeRequests) {
  start(32);
  push(128);
  pass(100us);
  EXPECT_THAT(batches_, ElementsAre(96, 32));
}

TEST_F(StageTest, StartsNoMoreBatchesSideBySideThanItMay) {
  takes_ = 10ms;
  start(1, 1);
  push(1);
  pass(1ms);
  push(3);
  pass(1ms);
  EXPECT_THAT(batches_, ElementsAre(1));
  pass(10ms);
  EXPECT_THAT(batches_, ElementsAre(1, 3));
}

TEST_F(StageTest, EndsABatchWhereARequestEndsAnyway) {
  start(24, 4, [](Held const& one, Held const& next) { return one.body.seq / 32 != next.body.seq / 32; });
  push(32);
  pass(100us);
  EXPECT_THAT(batches_, ElementsAre(31));
  push(31);
  pass(100us);
  EXPECT_THAT(batches_, ElementsAre(31, 32));
}

}  // namespace
