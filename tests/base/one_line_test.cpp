#include "base/one_line.hpp"

#include <gtest/gtest.h>

TEST(OneLine, MakesSomebodyElsesWordsFitForALog) {
  EXPECT_EQ(base::one_line(" a\r\nb\x1b[31m\x7f c "), "a  b [31m  c");
  EXPECT_EQ(base::one_line("a\xC3\xA4\xFFz"), "a\xC3\xA4");
  EXPECT_EQ(base::one_line("ab\xC3\xA4", 3), "ab");
  EXPECT_EQ(base::one_line(" \xFF"), "");
}
