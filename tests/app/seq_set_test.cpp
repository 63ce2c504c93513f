#include "app/seq_set.hpp"

#include <gmock/gmock.h>

#include <random>
#include <set>

namespace {

using app::SeqSet;
using testing::ElementsAre;
using testing::Pair;

TEST(SeqSet, JoinsNeighboursAndOverlaps) {
  SeqSet set;
  set.insert(5);
  set.insert(7);
  EXPECT_THAT(set.ranges(), ElementsAre(Pair(5, 5), Pair(7, 7)));
  set.insert(6);
  EXPECT_THAT(set.ranges(), ElementsAre(Pair(5, 7)));
  set.insert(1, 10);
  EXPECT_THAT(set.ranges(), ElementsAre(Pair(1, 10)));
  set.insert(3, 4);
  EXPECT_EQ(set.size(), 10U);
}

TEST(SeqSet, IgnoresAnEmptyRange) {
  SeqSet set;
  set.insert(5, 4);
  EXPECT_TRUE(set.empty());
}

TEST(SeqSet, TellsWhatIsMissing) {
  SeqSet set;
  set.insert(3, 4);
  set.insert(8);
  EXPECT_THAT(set.gaps(1, 10), ElementsAre(Pair(1, 2), Pair(5, 7), Pair(9, 10)));
  EXPECT_THAT(set.gaps(3, 4), ElementsAre());
  EXPECT_THAT(set.gaps(4, 8), ElementsAre(Pair(5, 7)));
  EXPECT_THAT(SeqSet().gaps(1, 3), ElementsAre(Pair(1, 3)));
}

TEST(SeqSet, AgreesWithAPlainSet) {
  std::mt19937 random(11);
  SeqSet set;
  std::set<std::uint64_t> plain;
  for (int i = 0; i < 2000; ++i) {
    auto const first = std::uniform_int_distribution<std::uint64_t>(1, 400)(random);
    auto const last = first + std::uniform_int_distribution<std::uint64_t>(0, 3)(random);
    set.insert(first, last);
    for (auto seq = first; seq <= last; ++seq) plain.insert(seq);
    ASSERT_EQ(set.size(), plain.size());
  }
  for (std::uint64_t seq = 0; seq <= 410; ++seq) EXPECT_EQ(set.contains(seq), plain.contains(seq)) << seq;
  std::uint64_t missing = 0;
  for (auto const& [first, last] : set.gaps(1, 410)) missing += last - first + 1;
  EXPECT_EQ(missing, 410 - plain.size());
}

}  // namespace
