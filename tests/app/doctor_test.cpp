#include "app/doctor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "fakes/findings.hpp"
#include "fakes/loop.hpp"

using app::Patient;
using fakes::row;
using storage::Finding;
using storage::Verdict;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace {

// Finds what it was given.
class Found final : public storage::Examination {
 public:
  explicit Found(storage::Examined examined) : examined_(std::move(examined)) {}
  boost::asio::awaitable<storage::Examined> run() override { co_return examined_; }

 private:
  storage::Examined examined_;
};

storage::Examined found(std::string address, std::string step, Verdict verdict, std::string remedy = {}) {
  storage::Examined examined;
  examined.address = std::move(address);
  Finding finding;
  finding.step = std::move(step);
  finding.verdict = verdict;
  finding.detail = "detail";
  finding.remedy = std::move(remedy);
  examined.findings.push_back(std::move(finding));
  return examined;
}

Patient patient(std::string what, storage::Examined examined, bool for_dead_letters = false) {
  return {what, "memory:" + what, std::make_unique<Found>(std::move(examined)), for_dead_letters};
}

std::vector<app::Examined> examined(Patient first, Patient second) {
  fakes::Loop world;
  app::Loops loops;
  loops.push_back(std::move(world.loop));
  std::vector<Patient> patients;
  patients.push_back(std::move(first));
  patients.push_back(std::move(second));
  return app::examine(loops, patients);
}

}  // namespace

TEST(Doctor, IsHealthyWhereNothingFailsAndNothingIsMissing) {
  EXPECT_TRUE(app::healthy(examined(patient("queue", found("a", "send", Verdict::ok)),
                                    patient("table", found("b", "write", Verdict::untested)))));
  for (auto const verdict : {Verdict::missing, Verdict::failed})
    EXPECT_FALSE(app::healthy(examined(patient("queue", found("a", "send", Verdict::ok)),
                                       patient("table", found("b", "write", verdict)))));
}

TEST(Doctor, SaysWhatGrantsBelowWhatIsMissing) {
  auto const text =
      app::findings_text(examined(patient("queue", found("a", "send", Verdict::missing, "the role")),
                                  patient("table", found("b", "write", Verdict::ok))));
  EXPECT_THAT(text, AllOf(HasSubstr("send        missing   detail\n"), HasSubstr("grant it: the role\n"),
                          HasSubstr("1 step needs mending")));
}

TEST(Doctor, RepeatsNothingThatTwoHaveInCommon) {
  auto const text = app::findings_text(examined(patient("queue", found("a", "credential", Verdict::ok)),
                                                patient("table", found("b", "credential", Verdict::ok))));
  EXPECT_EQ(text.find("credential"), text.rfind("credential"));
}

TEST(Doctor, FailsDeadLettersThatAreTheQueueItself) {
  auto const all = examined(patient("queue", found("a", "send", Verdict::ok)),
                            patient("dead letters", found("a", "send", Verdict::ok), true));
  EXPECT_EQ(row(all.back().found, "address").verdict, Verdict::failed);
  EXPECT_THAT(row(all.back().found, "address").detail, HasSubstr("the queue itself"));
}

TEST(Doctor, LeavesDeadLettersToAQueueThatMovesThemItself) {
  auto queue = found("a", "send", Verdict::ok);
  queue.redrives_to = "arn:dead after 3 receives";
  auto const all =
      examined(patient("queue", queue), patient("dead letters", found("b", "send", Verdict::failed), true));
  EXPECT_TRUE(app::healthy(all));
  EXPECT_THAT(row(all.back().found, "redrive").detail, HasSubstr("arn:dead after 3 receives"));
  EXPECT_EQ(all.back().uri, "arn:dead");
}

TEST(Doctor, GivesOneJsonObjectEvenForBytesThatAreNoText) {
  auto odd = found("a", "send", Verdict::failed);
  odd.findings.front().detail = "\xFF";
  odd.warnings.emplace_back("beware");
  auto const text =
      app::findings_json(examined(patient("queue", odd), patient("table", found("b", "write", Verdict::ok))));
  auto const json = nlohmann::json::parse(text);
  EXPECT_EQ(json["ok"], false);
  EXPECT_EQ(json["checks"].size(), 2U);
  EXPECT_EQ(json["checks"][0]["verdict"], "failed");
  EXPECT_EQ(json["warnings"][0]["warning"], "beware");
  EXPECT_THAT(text.substr(0, text.size() - 1), Not(HasSubstr("\n")));
}
