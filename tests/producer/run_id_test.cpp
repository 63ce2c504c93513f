#include "producer/run_id.hpp"

#include <gtest/gtest.h>

#include "app/body.hpp"

namespace {

TEST(RunId, SortsByTime) {
  base::SeededRandom random(1);
  base::System now{std::chrono::hours(500'000)};
  std::string before;
  for (int i = 0; i < 1000; ++i) {
    now += std::chrono::microseconds(997);
    auto const id = producer::new_run_id(now, random);
    EXPECT_LT(before, id);
    EXPECT_TRUE(app::is_run_id(id)) << id;
    before = id;
  }
}

TEST(RunId, DiffersByChanceWithinAMoment) {
  base::SeededRandom random(1);
  base::System const now{std::chrono::hours(500'000)};
  EXPECT_NE(producer::new_run_id(now, random), producer::new_run_id(now, random));
}

}  // namespace
