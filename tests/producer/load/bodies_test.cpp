#include "producer/load/bodies.hpp"

#include <gmock/gmock.h>

#include <map>

#include "app/body.hpp"
#include "base/encoding.hpp"

namespace {

using producer::Bodies;
using producer::Payload;
using storage::Encoding;

auto const now = base::System(std::chrono::hours(500'000));

Bodies bodies(Payload payload, std::size_t most = 1 << 20, Encoding encoding = Encoding::automatic) {
  return {"a", std::move(payload), encoding, most};
}

std::string sized(std::uint64_t size) {
  Payload payload;
  payload.size = size;
  return bodies(payload).make(17, now);
}

TEST(Bodies, BeginWithTheSamplesTwoKeys) {
  EXPECT_THAT(
      sized(0),
      testing::StartsWith(
          R"({"msg":"Scale Test Message : COUNT 17","srcStamp":"2027-01-15 08:00:00.000000","run":"a","seq":17,"hash":")"));
}

TEST(Bodies, HaveTheAskedSizeExactly) {
  auto const plain = sized(0).size();
  for (std::size_t size = plain; size < plain + 40; ++size) EXPECT_EQ(sized(size).size(), size);
  for (std::size_t const size : {1000U, 65536U, 200'000U}) EXPECT_EQ(sized(size).size(), size);
}

TEST(Bodies, CarryATraceContextWhereTheAskedSizeLeavesRoom) {
  std::string const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
  auto const plain = sized(0).size();
  auto const traced = plain + trace.size() + sizeof(R"(,"traceparent":"")") - 1;
  for (auto size = plain; size < traced + 40; ++size) {
    Payload payload;
    payload.size = size;
    auto const text = bodies(payload).make(17, now, trace);
    auto const body = app::decode(text);
    EXPECT_EQ(text.size(), size);
    EXPECT_EQ(body->traceparent, size < traced ? "" : trace) << size;
    EXPECT_EQ(body->hash, app::payload_hash(body->msg, body->payload));
  }
  EXPECT_EQ(bodies({}).make(17, now, trace).size(), traced);
  EXPECT_EQ(bodies({}, traced - 1).make(17, now, trace).size(), plain);
}

TEST(Bodies, HaveTheAskedSizeAsItGoesOnTheWire) {
  Payload payload;
  payload.size = 4000;
  auto const body = bodies(payload, 1 << 20, Encoding::base64).make(1, now);
  EXPECT_EQ(base::base64_encode(body).size(), 4000U);
}

TEST(Bodies, CarryAHashThatTheAuditRecomputes) {
  for (std::size_t const size : {0U, 200U, 400U}) {
    auto const body = app::decode(sized(size));
    ASSERT_TRUE(body.has_value());
    EXPECT_EQ(body->hash, app::payload_hash(body->msg, body->payload));
  }
}

TEST(Bodies, KeepADrawnSizeWithinWhatTheQueueCarries) {
  Payload payload;
  payload.size = *producer::Sizes::parse("exp:1000");
  auto const some = bodies(payload, 1500);
  std::size_t cut = 0;
  for (std::uint64_t seq = 1; seq <= 200; ++seq) {
    auto const size = some.make(seq, now).size();
    EXPECT_LE(size, 1500U);
    EXPECT_GE(size, 170U);
    cut += size == 1500 ? 1 : 0;
  }
  EXPECT_GT(cut, 10U);
}

TEST(Bodies, CarryTheTemplateAsPayload) {
  Payload payload;
  payload.text = std::make_shared<producer::Template const>(*producer::Template::parse("{\"n\":{{seq}}}\n"));
  auto const text = bodies(payload).make(17, now);
  auto const body = app::decode(text);
  EXPECT_EQ(body->payload, "{\"n\":17}\n");
  EXPECT_EQ(body->hash, app::payload_hash(body->msg, body->payload));
  EXPECT_LE(text.size(), bodies(payload).longest(17));
}

TEST(Bodies, CarryTheLinesInTurn) {
  Payload payload;
  payload.lines = std::make_shared<producer::Lines const>(*producer::Lines::parse("one\r\n\n\"drei\"\x01"));
  std::vector<std::string> seen;
  for (std::uint64_t seq = 1; seq <= 4; ++seq) {
    auto const text = bodies(payload).make(seq, now);
    seen.push_back(app::decode(text)->payload);
    EXPECT_LE(text.size(), bodies(payload).longest(seq));
  }
  EXPECT_THAT(seen, testing::ElementsAre("one", "", "\"drei\"\x01", "one"));
  EXPECT_EQ(bodies(payload).make(3, now).size(), bodies(payload).longest(3));
  EXPECT_EQ(payload.lines->longest().line, 3U);
}

TEST(Bodies, NameTheirGroupWhereAsked) {
  Payload payload;
  EXPECT_EQ(bodies(payload).group(17), "group-1");
  EXPECT_EQ(app::decode(bodies(payload).make(17, now))->group, "");
  payload.grouped = true;
  payload.groups = 5;
  payload.group_name = "payer";
  EXPECT_EQ(bodies(payload).group(17), "payer-2");
  EXPECT_EQ(app::decode(bodies(payload).make(17, now))->group, "payer-2");
}

TEST(Groups, HaveTheSharesOfZipf) {
  producer::Groups const groups(100, *producer::Skew::parse("zipf:1"));
  std::map<std::uint64_t, double> seen;
  base::SeededRandom random(1);
  for (int i = 0; i < 100'000; ++i) seen[groups.of(1, random)] += 1;
  double const first = 100'000 / 5.187;  // the sum of 1/k up to 100
  EXPECT_NEAR(seen[0], first, first * 0.05);
  EXPECT_NEAR(seen[1], first / 2, first * 0.05);
  EXPECT_NEAR(seen[9], first / 10, first * 0.02);
  EXPECT_LE(seen.rbegin()->first, 99U);
}

TEST(Groups, RefuseASkewThatIsNone) {
  for (auto const* text : {"", "zipf", "zipf:", "zipf:0", "zipf:-1", "zipf:11", "zipf:x", "hot"})
    EXPECT_TRUE(producer::Skew::parse(text).has_error()) << text;
}

TEST(Lines, NameTheLineThatIsNotUtf8) {
  EXPECT_THAT(producer::Lines::parse("a\n\xff\n").error().message, testing::HasSubstr("line 2 is not UTF-8"));
  EXPECT_TRUE(producer::Lines::parse("").has_error());
  EXPECT_EQ(producer::Lines::parse("\n")->size(), 1U);
}

}  // namespace
