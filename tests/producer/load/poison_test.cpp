#include "producer/load/poison.hpp"

#include <gmock/gmock.h>

#include <set>

#include "app/body.hpp"
#include "producer/load/bodies.hpp"

namespace {

using producer::Poison;
using producer::Share;
using testing::HasSubstr;

std::set<std::uint64_t> listed(Poison const& poison, Share const& share, std::uint64_t from,
                               std::uint64_t to) {
  std::set<std::uint64_t> all;
  for (auto const& stride : poison.list(share, from, to)) {
    EXPECT_TRUE(stride.sound(app::max_seq));
    for (auto seq = stride.first; seq <= stride.last; seq += stride.step) EXPECT_TRUE(all.insert(seq).second);
  }
  return all;
}

TEST(Poison, IsTheAskedShareToTheMessage) {
  for (auto const& [text, count] : {std::pair("0.1%", 10U),
                                    {"0.001", 10U},
                                    {"33.3333%", 3333U},
                                    {"100%", 10'000U},
                                    {"1", 10'000U},
                                    {"0", 0U},
                                    {"0.0001%", 0U}}) {
    auto const poison = *Poison::parse(text);
    std::uint64_t bad = 0;
    for (std::uint64_t seq = 1; seq <= 10'000; ++seq) bad += poison.bad(seq) ? 1U : 0U;
    EXPECT_EQ(bad, count) << text;
    EXPECT_EQ(poison.until(10'000), count) << text;
  }
  EXPECT_TRUE(Poison::parse("0.1%")->bad(app::max_seq - 499));
}

TEST(Poison, IsListedAsItIs) {
  for (auto const* text : {"0.1%", "7%", "33.3%", "60%", "100%", "0.7%"}) {
    auto const poison = *Poison::parse(text);
    for (auto const& share : {Share{1, 0}, Share{3, 0}, Share{3, 2}, Share{10, 7}}) {
      for (std::uint64_t const from : {1U, 250U}) {
        std::set<std::uint64_t> bad;
        for (std::uint64_t number = from; number <= 2500; ++number)
          if (poison.bad(share.seq(number))) bad.insert(share.seq(number));
        EXPECT_EQ(listed(poison, share, from, 2500), bad)
            << text << ' ' << share.remainder << " of " << share.instances;
      }
    }
  }
}

TEST(Poison, IsListedInAFewStridesHoweverLongTheRunIs) {
  auto const strides = Poison::parse("0.1%")->list({}, 1, 100'000'000);
  ASSERT_EQ(strides.size(), 1U);
  EXPECT_EQ(strides.front(), (producer::Stride{500, 99'999'500, 1000}));
}

TEST(Poison, RefusesWhatIsNoShare) {
  for (auto const* text : {"", "%", "-1%", "101%", "1.5", "x", "0.00001%", "1 %"})
    EXPECT_TRUE(Poison::parse(text).has_error()) << text;
  EXPECT_THAT(Poison::parse("5").error().message, HasSubstr("write 5%"));
}

TEST(Poison, MakesBodiesOfTheirSizeThatNobodyReadsAndThatSayWhoseTheyWere) {
  producer::Payload payload;
  payload.poison = *Poison::parse("50%");
  for (std::uint64_t const size : {0U, 230U, 900U}) {
    payload.size = size;
    producer::Bodies const bodies("a", payload, storage::Encoding::automatic, 1 << 20);
    auto const good = bodies.make(2, base::System());
    auto const bad = bodies.make(3, base::System());
    EXPECT_TRUE(app::decode(good).has_value());
    EXPECT_TRUE(app::decode(bad).has_error());
    EXPECT_EQ(good.size(), bad.size());
    auto const said = app::salvage(bad);
    EXPECT_EQ(said.run, "a");
    EXPECT_EQ(said.seq, 3U);
    EXPECT_EQ(said.msg.substr(0, 28), "Scale Test Message : COUNT 3");
  }
}

TEST(Strides, HoldTheirNumbersAndNoOthers) {
  producer::Strides strides;
  EXPECT_TRUE(strides.empty());
  strides.insert({500, 2500, 1000});
  strides.insert({4500, 5500, 1000});
  strides.insert({7, 7, 1});
  std::set<std::uint64_t> found;
  for (std::uint64_t seq = 1; seq < 9000; ++seq)
    if (strides.contains(seq)) found.insert(seq);
  EXPECT_THAT(found, testing::ElementsAre(7, 500, 1500, 2500, 4500, 5500));
}

}  // namespace
