#include "app/folding.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using base::Level;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Lines = std::vector<std::string>;

class Kept final : public base::Log {
 public:
  Kept(Lines& lines, Level least) : lines_(lines), least_(least) {}
  bool wants(Level level) const override { return level >= least_; }
  void write(Level, std::string_view text, std::span<base::Field const> fields) override {
    std::string line(text);
    for (auto const& field : fields) line.append(" ").append(field.key).append("=").append(field.value);
    lines_.push_back(std::move(line));
  }

 private:
  Lines& lines_;
  Level least_;
};

class FoldingTest : public testing::Test {
 protected:
  void make(Level least) {
    log = std::make_unique<app::Folding>(std::make_unique<Kept>(lines, least), [this] { return now; });
  }
  void warn(std::string const& text, std::string const& id = "1") {
    base::Field const fields[] = {{"message_id", id}};
    log->write(Level::warning, text, fields);
  }
  Lines taken() { return std::exchange(lines, {}); }

  Lines lines;
  base::Steady now{1h};
  std::unique_ptr<app::Folding> log;
};

TEST_F(FoldingTest, WritesTheFirstAtOnceAndCountsTheOthers) {
  make(Level::info);
  warn("a message failed: bad", "1");
  EXPECT_THAT(taken(), ElementsAre("a message failed: bad message_id=1"));
  for (int i = 2; i <= 500; ++i) warn("a message failed: bad", std::to_string(i));
  EXPECT_THAT(taken(), IsEmpty());
  now += app::Folding::window;
  log->write_due();
  EXPECT_THAT(taken(), ElementsAre("a message failed: bad message_id=500 repeated=499"));
  now += app::Folding::window;
  log->write_due();
  warn("a message failed: bad", "501");
  EXPECT_THAT(taken(), ElementsAre("a message failed: bad message_id=501"));
}

TEST_F(FoldingTest, WritesWhatGoesOnOnceAWindow) {
  make(Level::info);
  for (int second = 0; second < 300; ++second) {
    warn("no answer");
    now += 1s;
    log->write_due();
  }
  EXPECT_THAT(lines, SizeIs(11));
}

TEST_F(FoldingTest, TellsAtItsEndWhatIsStillFolded) {
  make(Level::info);
  warn("no answer");
  warn("no answer");
  log.reset();
  EXPECT_THAT(lines, ElementsAre("no answer message_id=1", "no answer message_id=1 repeated=1"));
}

TEST_F(FoldingTest, TakesLinesForAlikeThatDifferInNumbersAndIdsAlone) {
  EXPECT_EQ(app::kind_of("HTTP 503 after 12 ms, request id 7f3a-91bc-00ff in deadbeef"),
            app::kind_of("HTTP 500 after 7 ms, request id 00aa-91bc-12 in deadbeef"));
  EXPECT_NE(app::kind_of("the queue can't be read"), app::kind_of("the table can't be read"));
  make(Level::info);
  warn("HTTP 503, request id 6f1c0a44-0003-0012");
  warn("HTTP 503, request id 77777777-0003-0012");
  EXPECT_THAT(lines, SizeIs(1));
}

TEST_F(FoldingTest, FoldsNeitherInformationNorAnythingAtLevelDebug) {
  make(Level::info);
  for (int i = 0; i < 3; ++i) log->write(Level::info, "sent");
  EXPECT_THAT(taken(), SizeIs(3));
  make(Level::debug);
  for (int i = 0; i < 3; ++i) warn("no answer");
  EXPECT_THAT(taken(), SizeIs(3));
}

TEST_F(FoldingTest, BoundsHowMuchAFloodOfDifferentLinesWrites) {
  make(Level::info);
  for (char a = 'g'; a <= 'z'; ++a)
    for (char b = 'g'; b <= 'z'; ++b) warn(std::string("worker says ") + a + b);
  EXPECT_THAT(taken(), SizeIs(app::Folding::most_kinds + 1));
  log.reset();
  EXPECT_THAT(lines, ElementsAre("worker says zz message_id=1 repeated=299"));
}

}  // namespace
