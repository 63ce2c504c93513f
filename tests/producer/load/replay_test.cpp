#include "producer/load/replay.hpp"

#include <gmock/gmock.h>

namespace {

using namespace std::chrono_literals;
using producer::parse_replay;
using testing::HasSubstr;

TEST(Replay, SendsAtTheRecordedMoments) {
  auto const replay = parse_replay("time\n10.5\n10\n11.25\n").value();
  EXPECT_EQ(replay->due(0), 0ns);
  EXPECT_EQ(replay->due(1), 500ms);
  EXPECT_EQ(replay->due(2), 1250ms);
  EXPECT_EQ(replay->due(3), std::nullopt);
  EXPECT_EQ(replay->due_by(500ms), 2U);
  EXPECT_EQ(replay->due_by(499ms), 1U);
  EXPECT_EQ(replay->rate(200ms), 2);
  EXPECT_EQ(replay->length(), 1250ms);
}

TEST(Replay, ReadsJsonLinesAndIsoTimes) {
  auto const replay = parse_replay(
      "{\"timestamp\":\"2026-11-22T01:02:03Z\",\"x\":1}\n\n{\"timestamp\":\"2026-11-22T01:02:05.5Z\"}\n");
  ASSERT_TRUE(replay) << replay.error().message;
  EXPECT_EQ((*replay)->due(1), 2500ms);
}

TEST(Replay, HoldsARateUntilTheNextLine) {
  auto const replay = parse_replay("t,rate\n0,100\n10,0\n20,50\n30,0\n").value();
  EXPECT_EQ(replay->due_by(9999ms), 1000U);
  EXPECT_EQ(replay->due_by(19s), 1000U);
  EXPECT_EQ(replay->due_by(30s), 1500U);
  EXPECT_EQ(replay->length(), 30s);
}

TEST(Replay, NamesTheLineThatIsWrong) {
  auto const says = [](char const* text) { return parse_replay(text).error().message; };
  EXPECT_THAT(says("time\n1\nsoon\n"), HasSubstr("line 3 has no time"));
  EXPECT_THAT(says("when\n1\n"), HasSubstr("line 1 names no column"));
  EXPECT_THAT(says("time,rate\n1\n"), HasSubstr("line 2 has not as many columns"));
  EXPECT_THAT(says("time,rate\n1,-2\n"), HasSubstr("line 2 has a rate outside"));
  EXPECT_THAT(says("{\"t\":1}\n{\"t\":2,\"rate\":3}\n"), HasSubstr("line 2 is of another form"));
  EXPECT_THAT(says("{\"t\":1\n"), HasSubstr("line 1 is not a JSON object"));
  EXPECT_THAT(says(""), HasSubstr("no line with a time"));
  EXPECT_THAT(says("t,rate\n0,5\n"), HasSubstr("doesn't say when it ends"));
}

}  // namespace
