#include "producer/send_summary.hpp"

#include <gmock/gmock.h>

#include "producer/load/profile.hpp"

namespace {

using testing::HasSubstr;
using testing::Not;

producer::Outcomes outcomes(double asked, double reached, std::uint64_t not_sent, std::uint64_t held_back) {
  producer::Outcomes made;
  made.asked = asked;
  made.reached = reached;
  made.not_sent = not_sent;
  made.counts.held_back = held_back;
  return made;
}

TEST(Pace, IsKeptWithinHalfAPercent) {
  EXPECT_TRUE(outcomes(2000, 1991, 0, 0).kept_pace());
  EXPECT_FALSE(outcomes(2000, 1989, 0, 0).kept_pace());
  EXPECT_FALSE(outcomes(2000, 2000, 1, 0).kept_pace());
  EXPECT_TRUE(outcomes(0, 0, 0, 0).kept_pace());
}

TEST(Pace, ComplaintTellsWhetherTheCapOrTheMachineWasTheLimit) {
  producer::Run run;
  auto const capped = producer::pace_complaint(run, outcomes(2000, 1000, 10, 900));
  EXPECT_THAT(capped, HasSubstr("1,000 messages a second of 2,000"));
  EXPECT_THAT(capped, HasSubstr("900 had to wait because 64 were in flight"));
  auto const slow = producer::pace_complaint(run, outcomes(2000, 1000, 0, 0));
  EXPECT_THAT(slow, HasSubstr("this machine was the limit"));
  EXPECT_THAT(slow, Not(HasSubstr("not sent")));
}

}  // namespace
