#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/core/queue.hpp"
#include "storage/core/table.hpp"

namespace storage {

TEST(Entity, GivesTextAndNumbersAsText) {
  Entity row;
  row.values["text"] = "a";
  row.values["number"] = std::int64_t{-5};
  row.values["empty"] = "";
  EXPECT_EQ(row.text("text"), "a");
  EXPECT_EQ(row.text("number"), "-5");
  EXPECT_EQ(row.text("empty"), "");
  EXPECT_EQ(row.text("absent"), std::nullopt);
}

TEST(Key, OrdersByPartitionAndThenByRow) {
  Key a{"p", "2"};
  Key b{"q", "1"};
  EXPECT_LT(a, b);
  a.partition = "q";
  EXPECT_GT(a, b);
  a.row = "1";
  EXPECT_EQ(a, b);
}

TEST(Depth, CountsWhatItIsNotToldAsNothing) {
  Depth depth;
  depth.visible = 3;
  EXPECT_EQ(depth.total(), 3u);
  depth.leased = 2;
  depth.delayed = 1;
  EXPECT_EQ(depth.total(), 6u);
}

}  // namespace storage
