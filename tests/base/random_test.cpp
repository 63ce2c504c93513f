#include "base/random.hpp"

#include <gtest/gtest.h>

#include <set>

namespace {

// As the generator's authors' own code gives them for this state.
TEST(QuickRandom, GivesTheSequenceOfItsKind) {
  base::QuickRandom random({1, 2, 3, 4});
  for (std::uint64_t const expected :
       {11520ULL, 0ULL, 1509978240ULL, 1215971899390074240ULL, 1216172134540287360ULL, 607988272756665600ULL,
        16172922978634559625ULL, 8476171486693032832ULL, 10595114339597558777ULL, 2904607092377533576ULL})
    EXPECT_EQ(random.next(), expected);
}

TEST(QuickRandom, GivesEachProcessAnother) {
  std::set<std::uint64_t> firsts;
  for (int i = 0; i < 100; ++i) firsts.insert(base::QuickRandom().next());
  EXPECT_EQ(firsts.size(), 100U);
}

}  // namespace
