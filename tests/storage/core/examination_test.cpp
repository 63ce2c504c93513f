#include "storage/core/examination.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.hpp"
#include "fakes/findings.hpp"

using fakes::row;
using fakes::verdicts;
using namespace std::chrono_literals;
using storage::Sheet;
using storage::Verdict;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

Sheet judged(base::System::duration ahead) {
  base::System const now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22};
  http::Response response;
  response.headers.set("Date", base::http_date(now - ahead));
  Sheet sheet({"clock"});
  sheet.judge_clock(response, now);
  return sheet;
}

}  // namespace

TEST(Sheet, KeepsTheOrderOfItsSteps) {
  Sheet sheet({"a", "b"});
  sheet.ok("b", "fine");
  sheet.ok("a", "fine");
  EXPECT_EQ(verdicts(sheet.examined()), "a ok, b ok");
}

TEST(Sheet, LeavesWhatWasNotComeToUntestedWithTheReason) {
  Sheet sheet({"a", "b"});
  sheet.ok("a", "fine");
  sheet.leave_rest("a storm");
  EXPECT_EQ(verdicts(sheet.examined()), "a ok, b untested");
  EXPECT_EQ(row(sheet.examined(), "b").detail, "a storm");
}

TEST(Sheet, LetsALaterVerdictReplaceAnEarlierOne) {
  Sheet sheet({"credential"});
  sheet.ok("credential", "found");
  sheet.failed("credential", {storage::Errc::denied, "refused"});
  EXPECT_EQ(verdicts(sheet.examined()), "credential failed");
}

TEST(Sheet, PassesAClockThatAgrees) {
  EXPECT_EQ(row(judged(2s).examined(), "clock").verdict, Verdict::ok);
  EXPECT_THAT(row(judged(2s).examined(), "clock").detail, HasSubstr("agrees"));
}

TEST(Sheet, WarnsOfAClockThatIsAMinuteOff) {
  auto sheet = judged(-90s);
  EXPECT_EQ(row(sheet.examined(), "clock").verdict, Verdict::ok);
  EXPECT_THAT(row(sheet.examined(), "clock").detail, HasSubstr("90 seconds behind"));
  EXPECT_THAT(sheet.examined().warnings, SizeIs(1));
  EXPECT_THAT(judged(30s).examined().warnings, IsEmpty());
}

TEST(Sheet, FailsAClockThatServicesRefuse) {
  auto sheet = judged(10min);
  EXPECT_EQ(row(sheet.examined(), "clock").verdict, Verdict::failed);
  EXPECT_THAT(row(sheet.examined(), "clock").detail, HasSubstr("10 minutes ahead of"));
  EXPECT_THAT(row(sheet.examined(), "clock").remedy, HasSubstr("set the clock"));
}

TEST(Sheet, CannotJudgeAClockWithoutADate) {
  Sheet sheet({"clock"});
  sheet.judge_clock({}, {});
  EXPECT_EQ(row(sheet.examined(), "clock").verdict, Verdict::untested);
}

TEST(Sheet, WarnsOfPlainHttpToAnotherMachineOnly) {
  http::Origin origin;
  origin.scheme = "http";
  origin.host = "10.0.0.7";
  Sheet far({"connection"});
  far.judge_connection(origin);
  EXPECT_THAT(far.examined().warnings, SizeIs(1));
  origin.host = "127.0.0.1";
  Sheet near({"connection"});
  near.judge_connection(origin);
  EXPECT_THAT(near.examined().warnings, IsEmpty());
}
