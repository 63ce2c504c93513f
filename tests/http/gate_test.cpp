#include "http/gate.hpp"

#include <gtest/gtest.h>

#include "fakes/client.hpp"
#include "fakes/clock.hpp"
#include "fakes/run.hpp"
#include "http/retrying.hpp"

namespace {

using namespace std::chrono_literals;
using http::Gate;

class GateTest : public testing::Test {
 protected:
  // So many a second, evenly, that all pass.
  void send(int count) {
    for (int i = 0; i < count; ++i) {
      gate_.admit(now_);
      now_ += std::chrono::nanoseconds(1s) / count;
    }
  }
  Gate gate_;
  base::Steady now_{1h};
};

TEST_F(GateTest, IsOpenUntilTheServiceThrottles) {
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(gate_.admit(now_), now_);
  EXPECT_FALSE(gate_.pace().has_value());
}

TEST_F(GateTest, GoesBelowThePaceThatWasTooMuch) {
  send(100);
  send(100);
  gate_.throttled(now_, std::nullopt);
  ASSERT_TRUE(gate_.pace().has_value());
  EXPECT_NEAR(*gate_.pace(), 70, 5);
  auto const first = gate_.admit(now_);
  auto const second = gate_.admit(now_);
  EXPECT_NEAR(std::chrono::duration<double>(second - first).count(), 1.0 / 70, 0.002);
}

TEST_F(GateTest, TakesTheThrottlesOfOneMomentForOne) {
  send(100);
  for (int i = 0; i < 50; ++i) gate_.throttled(now_ + std::chrono::milliseconds(i), std::nullopt);
  EXPECT_NEAR(*gate_.pace(), 70, 5);
  gate_.throttled(now_ + 1s, std::nullopt);
  EXPECT_NEAR(*gate_.pace(), 49, 5);
}

TEST_F(GateTest, RecoversAndOpensAgain) {
  send(100);
  gate_.throttled(now_, std::nullopt);
  double before = 0;
  int seconds = 0;
  while (gate_.pace()) {
    ASSERT_GE(*gate_.pace(), before);
    before = *gate_.pace();
    now_ += 100ms;
    gate_.succeeded(now_);
    ASSERT_LT(++seconds, 600);
  }
  EXPECT_GT(seconds, 50);  // of a tenth each: it did not snap back
}

TEST_F(GateTest, WaitsAsLongAsTheServiceSays) {
  gate_.admit(now_);
  gate_.throttled(now_, 3000ms);
  EXPECT_EQ(gate_.admit(now_), now_ + 3s);
}

TEST_F(GateTest, NeverHoldsARequestForLongerThanTenSeconds) {
  gate_.admit(now_);
  gate_.throttled(now_, 1h);
  for (int i = 0; i < 100; ++i) EXPECT_LE(gate_.admit(now_), now_ + 10s);
  EXPECT_GE(*gate_.pace(), Gate::least * 0.99);
}

// Two loops of one process, each with its own client.
class GatedRetryingTest : public testing::Test {
 protected:
  GatedRetryingTest() {
    policy_.max_attempts = 1;
    policy_.classify = [](http::Response const& response) -> std::optional<base::Error> {
      if (response.status == 503) return base::Error(base::Errc::throttled, "slower");
      return std::nullopt;
    };
  }
  static http::Request request(std::string const& host) {
    return {"GET", http::parse_url("https://" + host)->origin, "/"};
  }
  http::Gates gates_;
  fakes::Clock clock_;
  base::SeededRandom random_{1};
  base::NoLog log_;
  http::RetryQuota quota_;
  http::RetryPolicy policy_;
  fakes::Client one_, other_;
};

TEST_F(GatedRetryingTest, SlowsAllLoopsOfAProcessTogether) {
  http::Retrying first(one_, policy_, quota_, clock_, random_, log_, &gates_);
  http::Retrying second(other_, policy_, quota_, clock_, random_, log_, &gates_);
  one_.reply(503);
  for (int i = 0; i < 3; ++i) other_.reply(200);
  auto queue = request("queue.invalid");
  auto table = request("table.invalid");
  EXPECT_EQ(fakes::run(first.send(queue))->status, 503);
  ASSERT_TRUE(clock_.slept.empty());
  EXPECT_EQ(fakes::run(second.send(queue))->status, 200);
  EXPECT_EQ(fakes::run(second.send(queue))->status, 200);
  EXPECT_FALSE(clock_.slept.empty());
  // Another service goes at its own pace.
  auto const before = clock_.slept.size();
  EXPECT_EQ(fakes::run(second.send(table))->status, 200);
  EXPECT_EQ(clock_.slept.size(), before);
}

TEST_F(GatedRetryingTest, EndsItsWaitAtTheGateWhenItIsToStop) {
  http::Retrying retrying(one_, policy_, quota_, clock_, random_, log_, &gates_);
  std::stop_source stop;
  auto asked = request("queue.invalid");
  asked.stop = stop.get_token();
  gates_.gate(asked.origin)->throttled(clock_.steady(), 5000ms);
  stop.request_stop();
  auto const result = fakes::run(retrying.send(asked));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::Errc::cancelled);
  EXPECT_TRUE(one_.requests.empty());
}

}  // namespace
