#include "consumer/retry_delay.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;

TEST(RetryDelay, DoublesWithEachDelivery) {
  EXPECT_EQ(consumer::retry_delay(1s, 1, 0.999), 1s);
  EXPECT_EQ(consumer::retry_delay(1s, 2, 0.999), 2s);
  EXPECT_EQ(consumer::retry_delay(1s, 5, 0.999), 16s);
}

TEST(RetryDelay, HasFullJitter) {
  EXPECT_EQ(consumer::retry_delay(1s, 5, 0), 0s);
  EXPECT_EQ(consumer::retry_delay(1s, 5, 0.5), 8s);
}

TEST(RetryDelay, StaysBelowFiveMinutes) {
  EXPECT_LE(consumer::retry_delay(1s, 1000, 0.999), 300s);
  EXPECT_LE(consumer::retry_delay(24h, 1, 0.999), 300s);
}

}  // namespace
