#include "producer/load/profile.hpp"

#include <gmock/gmock.h>

#include "producer/load/profile_text.hpp"

namespace {

using namespace std::chrono_literals;
using producer::parse_profile;
using testing::HasSubstr;

std::uint64_t due_between(producer::Profile const& profile, std::chrono::nanoseconds from,
                          std::chrono::nanoseconds to) {
  return profile.due_by(to - 1ns) - (from.count() == 0 ? 0 : profile.due_by(from - 1ns));
}

TEST(Profile, ConstantEndsWithItsTime) {
  auto const profile = parse_profile("constant:10/2s").value();
  EXPECT_EQ(profile.due(0), 0ns);
  EXPECT_EQ(profile.due(19), 1900ms);
  EXPECT_EQ(profile.due(20), std::nullopt);
  EXPECT_EQ(profile.length(), 2s);
  EXPECT_EQ(profile.rate(1s), 10);
  EXPECT_EQ(profile.rate(2s), 0);
}

TEST(Profile, RampSendsTheAreaBelowItsLine) {
  auto const profile = parse_profile("ramp:0..500/60s").value();
  EXPECT_EQ(profile.due_by(60s), 15'000U);
  EXPECT_NEAR(static_cast<double>(due_between(profile, 0s, 30s)), 3750, 1);
  EXPECT_NEAR(static_cast<double>(due_between(profile, 59s, 60s)), 495.8, 1.5);
  EXPECT_EQ(profile.rate(30s), 250);
}

TEST(Profile, RampGoesDownToo) {
  auto const profile = parse_profile("ramp:500..0/60s").value();
  EXPECT_EQ(profile.due_by(60s), 15'000U);
  EXPECT_NEAR(static_cast<double>(due_between(profile, 0s, 1s)), 495.8, 1.5);
}

TEST(Profile, StepsHoldEachRate) {
  auto const profile = parse_profile("step:100,200,400/30s").value();
  EXPECT_EQ(due_between(profile, 0s, 30s), 3000U);
  EXPECT_EQ(due_between(profile, 30s, 60s), 6000U);
  EXPECT_EQ(due_between(profile, 60s, 90s), 12'000U);
  EXPECT_EQ(profile.length(), 90s);
}

TEST(Profile, SpikeComesAndGoes) {
  auto const profile = parse_profile("spike:50,1000@30s/5s").value();
  EXPECT_EQ(due_between(profile, 0s, 30s), 1500U);
  EXPECT_EQ(due_between(profile, 30s, 35s), 5000U);
  EXPECT_EQ(due_between(profile, 35s, 65s), 1500U);
  EXPECT_EQ(profile.length(), 65s);
}

TEST(Profile, SineSwingsAroundItsMiddle) {
  for (auto const* text : {"sine:100±50/60s", "sine:100+-50/60s"}) {
    auto const profile = parse_profile(text).value();
    EXPECT_EQ(profile.due_by(60s), 6000U) << text;
    EXPECT_NEAR(static_cast<double>(due_between(profile, 0s, 30s)), 3000 + 50 * 60 / 3.14159265, 1.5);
    EXPECT_NEAR(profile.rate(15s), 150, 1e-9);
    EXPECT_NEAR(profile.rate(45s), 50, 1e-9);
  }
}

TEST(Profile, StretchesFollowEachOther) {
  auto const profile =
      parse_profile("ramp:0..100/10s + constant:100/10s+constant:0/5s + sine:100±100/10s*2").value();
  EXPECT_EQ(profile.length(), 45s);
  EXPECT_EQ(due_between(profile, 0s, 10s), 500U);
  EXPECT_EQ(due_between(profile, 10s, 20s), 1000U);
  EXPECT_EQ(due_between(profile, 20s, 25s), 0U);
  EXPECT_EQ(profile.due_by(45s), 3500U);
}

TEST(Profile, CountsExactlyWhatDueSays) {
  for (auto const* text : {"ramp:0..500/6s", "ramp:77.7..3/9s", "sine:40±40/3s*3", "step:7,0,13/2s",
                           "spike:5,333@1s/2s", "constant:0.7"}) {
    auto const profile = parse_profile(text).value();
    for (int step = 0; step < 1300; ++step) {
      auto const now = step * 7ms;
      auto const expected = profile.due_by(now);
      ASSERT_TRUE(expected == 0 || *profile.due(expected - 1) <= now) << text << ' ' << step;
      auto const next = profile.due(expected);
      ASSERT_TRUE(!next || *next > now) << text << ' ' << step;
    }
  }
}

TEST(Profile, DueNeverGoesBack) {
  auto const profile = parse_profile("sine:100±100/7s*4+ramp:0..50/3s+constant:1000/2s").value();
  std::chrono::nanoseconds before{0};
  for (std::uint64_t i = 0; auto const due = profile.due(i); ++i) {
    ASSERT_GE(*due, before) << i;
    before = *due;
  }
}

TEST(ProfileText, ReadsLinesWithComments) {
  auto const profile = parse_profile("# warm up\nramp:0..10/10s\n\nconstant:10/1m # steady\n").value();
  EXPECT_EQ(profile.stretches().size(), 2U);
  EXPECT_EQ(profile.length(), 70s);
}

struct Wrong {
  char const* text;
  char const* says;
  std::size_t column;  // of the mark
};

class WrongProfile : public testing::TestWithParam<Wrong> {};

TEST_P(WrongProfile, PointsAtTheCharacter) {
  auto const [text, says, column] = GetParam();
  auto const profile = parse_profile(text);
  ASSERT_FALSE(profile);
  auto const message = profile.error().message;
  EXPECT_THAT(message, HasSubstr(says));
  EXPECT_THAT(message, testing::EndsWith("\n  " + std::string(column, ' ') + "^"));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, WrongProfile,
    testing::Values(
        Wrong{"", "constant:, ramp:", 0}, Wrong{"rampage:1..2/3s", "constant:, ramp:", 0},
        Wrong{"ramp:0..5x0/60s", "'/' was expected", 9}, Wrong{"ramp:0-500/60s", "'..' was", 6},
        Wrong{"ramp:0..500/60q", "a time greater than zero", 12},
        Wrong{"ramp:0..500/0s", "a time greater than zero", 12}, Wrong{"ramp:..500/60s", "a rate, as", 5},
        Wrong{"step:1,,2/3s", "a rate, as", 7}, Wrong{"sine:100*50/60s", "'±' or '+-'", 8},
        Wrong{"sine:100±150/60s", "would be negative", 9}, Wrong{"constant:5+ramp:0..1/1s", "never ends", 11},
        Wrong{"constant:0", "for ever sends nothing", 10},
        Wrong{"constant:5/1s ramp:0..1/1s", "'+' or the end", 14},
        Wrong{"constant:5/1s\nramp:x", "a rate, as", 5}, Wrong{"constant:5/1s*0", "a number of times", 14},
        Wrong{"constant:99999999", "10,000,000", 9}));

TEST(ProfileText, RefusesAProfileWithoutAMessage) {
  EXPECT_THAT(parse_profile("ramp:0..0/10s").error().message, HasSubstr("without a message"));
}

}  // namespace
