#include "producer/load/sizes.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <vector>

#include "producer/load/dice.hpp"

namespace {

using producer::Sizes;
using testing::HasSubstr;

std::vector<double> draws(char const* text, std::size_t count = 20'000) {
  auto const sizes = Sizes::parse(text);
  EXPECT_TRUE(sizes.has_value()) << text;
  std::vector<double> all;
  for (std::uint64_t seq = 1; seq <= count; ++seq) {
    producer::Dice dice(producer::Dice::of("a"), seq);
    all.push_back(static_cast<double>(sizes->draw(dice)));
  }
  std::sort(all.begin(), all.end());
  return all;
}

double mean(std::vector<double> const& all) {
  double sum = 0;
  for (double const one : all) sum += one;
  return sum / static_cast<double>(all.size());
}

TEST(Sizes, AreTheSameEachTimeWhereANumberIsGiven) {
  auto const all = draws("600");
  EXPECT_EQ(all.front(), 600);
  EXPECT_EQ(all.back(), 600);
}

TEST(Sizes, OfAUniformDistributionReachBothBounds) {
  auto const all = draws("uniform:200..210");
  EXPECT_EQ(all.front(), 200);
  EXPECT_EQ(all.back(), 210);
  EXPECT_NEAR(mean(all), 205, 0.2);
}

TEST(Sizes, OfANormalDistributionHaveItsMeanAndDeviation) {
  auto const all = draws("normal:5000,200");
  EXPECT_NEAR(mean(all), 5000, 10);
  EXPECT_NEAR(all[all.size() * 84134 / 100'000] - all[all.size() / 2], 200, 12);
}

TEST(Sizes, OfALognormalDistributionHaveItsMedianAndSigma) {
  auto const all = draws("lognormal:1000,0.5");
  EXPECT_NEAR(all[all.size() / 2], 1000, 20);
  EXPECT_NEAR(all[all.size() * 84134 / 100'000], 1000 * std::exp(0.5), 50);
}

TEST(Sizes, OfAnExponentialDistributionHaveItsMean) { EXPECT_NEAR(mean(draws("exp:3000")), 3000, 60); }

TEST(Sizes, AreNeverLessThanAByteOrMoreThanAGibibyte) {
  EXPECT_GE(draws("normal:10,5000").front(), 1);
  EXPECT_LE(draws("lognormal:1_000_000_000,10").back(), 1 << 30);
}

TEST(Sizes, PointAtWhatIsWrong) {
  auto const says = [](char const* text) {
    auto const sizes = Sizes::parse(text);
    return sizes ? std::string("nothing") : sizes.error().message;
  };
  EXPECT_EQ(says("uniform:200..x"),
            "is not a size: a number of bytes, 1 to 1,073,741,824, was expected here\n  uniform:200..x\n     "
            "          ^");
  EXPECT_THAT(says("uniform:200-400"), HasSubstr("'..' was expected here"));
  EXPECT_THAT(says("uniform:400..200"), HasSubstr("400..200\n               ^"));
  EXPECT_THAT(says("normal:200"), HasSubstr("between the mean and the deviation"));
  EXPECT_THAT(says("lognormal:200,11"), HasSubstr("0 to 10"));
  EXPECT_THAT(says("exp:0"), HasSubstr("1 to 1,073,741,824"));
  EXPECT_THAT(says("600 bytes"), HasSubstr("nothing more"));
  for (auto const* text :
       {"", "0", "-1", "9999999999999999999999", "big", "exp:", "normal:1,nan", "uniform:1...5"})
    EXPECT_THAT(says(text), HasSubstr("is not a size")) << text;
}

}  // namespace
