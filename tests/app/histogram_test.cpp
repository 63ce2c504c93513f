#include "app/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace {

using namespace std::chrono_literals;

TEST(Histogram, IsEmptyAtFirst) {
  app::Histogram const histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.quantile(0.5), 0us);
}

TEST(Histogram, KeepsSmallValuesExactly) {
  app::Histogram histogram;
  for (int i = 1; i <= 100; ++i) histogram.record(std::chrono::microseconds(i));
  EXPECT_EQ(histogram.quantile(0.5), 50us);
  EXPECT_EQ(histogram.quantile(0.99), 99us);
  EXPECT_EQ(histogram.quantile(1), 100us);
  EXPECT_EQ(histogram.max(), 100us);
}

TEST(Histogram, IsOffByAtMostOnePartIn128) {
  std::mt19937_64 random(7);
  std::vector<std::int64_t> values;
  app::Histogram histogram;
  for (int i = 0; i < 20000; ++i) {
    auto const value =
        static_cast<std::int64_t>(std::exp2(std::uniform_real_distribution(0.0, 36.0)(random)));
    values.push_back(value);
    histogram.record(std::chrono::microseconds(value));
  }
  std::sort(values.begin(), values.end());
  for (double const q : {0.01, 0.1, 0.5, 0.9, 0.99, 0.999}) {
    auto const exact = values[static_cast<std::size_t>(std::ceil(q * 20000)) - 1];
    auto const told = histogram.quantile(q).count();
    EXPECT_GE(told, exact) << q;
    EXPECT_LE(static_cast<double>(told), static_cast<double>(exact) * (1 + 1.0 / 128) + 1) << q;
  }
}

TEST(Histogram, AddsUpWithoutLoss) {
  app::Histogram one, two, both;
  for (int i = 0; i < 1000; ++i) {
    auto const value = std::chrono::microseconds(i * i);
    (i % 2 == 0 ? one : two).record(value);
    both.record(value);
  }
  one.merge(two);
  EXPECT_EQ(one.count(), both.count());
  EXPECT_EQ(one.max(), both.max());
  for (double const q : {0.1, 0.5, 0.9, 1.0}) EXPECT_EQ(one.quantile(q), both.quantile(q));
}

TEST(Histogram, TakesNegativeAndHugeValuesWithoutHarm) {
  app::Histogram histogram;
  histogram.record(-5s);
  histogram.record(std::chrono::hours(1'000'000));
  EXPECT_EQ(histogram.count(), 2U);
  EXPECT_EQ(histogram.quantile(0.1), 0us);
  EXPECT_GE(histogram.max(), std::chrono::hours(36));
}

}  // namespace
