#include "producer/checks.hpp"

#include <gmock/gmock.h>

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

app::Command command() { return {"producer", "send", ""}; }

storage::QueueLimits limits() {
  storage::QueueLimits made;
  made.body = 1000;
  made.max_delay = 15min;
  return made;
}

TEST(Checks, PassWhatTheQueueOffers) {
  producer::SendOptions options;
  options.payload.size = 500;
  options.delay = 10s;
  options.ttl = 1h;
  EXPECT_TRUE(producer::check(command(), options, limits(), {500, 500, 200}).has_value());
}

TEST(Checks, RefuseWhatTheQueueLacks) {
  auto const says = [](auto change, storage::QueueLimits const& where, std::size_t least = 200) {
    producer::SendOptions options;
    change(options);
    auto const& size = options.payload.size;
    auto const result = producer::check(command(), options, where, {size.least(), size.most(), least});
    return result ? std::string("nothing") : result.error().message;
  };
  auto no_ttl = limits();
  no_ttl.max_ttl = 0s;
  auto short_ttl = limits();
  short_ttl.max_ttl = 60s;
  auto no_delay = limits();
  no_delay.max_delay = 0s;
  EXPECT_THAT(says([](auto& o) { o.ttl = 10s; }, no_ttl), HasSubstr("not offered"));
  EXPECT_THAT(says([](auto& o) { o.ttl = 61s; }, short_ttl), HasSubstr("60 s"));
  EXPECT_THAT(says([](auto& o) { o.delay = 1s; }, no_delay), HasSubstr("FIFO"));
  EXPECT_THAT(says([](auto& o) { o.delay = 16min; }, limits()), HasSubstr("900 s"));
  EXPECT_THAT(says([](auto& o) { o.group_id = "g"; }, limits()), HasSubstr(".fifo"));
  EXPECT_THAT(says([](auto& o) { o.payload.size = 1001; }, limits()), HasSubstr("1000"));
  EXPECT_THAT(says([](auto& o) { o.payload.size = 100; }, limits()), HasSubstr("at least 200"));
  EXPECT_THAT(says([](auto& o) { o.payload.size = *producer::Sizes::parse("uniform:300..1001"); }, limits()),
              HasSubstr("1001 bytes are more"));
  EXPECT_THAT(says([](auto& o) { o.payload.size = *producer::Sizes::parse("uniform:100..300"); }, limits()),
              HasSubstr("at least 200"));
  EXPECT_THAT(says([](auto&) {}, limits(), 1001), HasSubstr("more than this queue carries"));
}

TEST(Checks, RefuseARunIdThatCannotBeAFileName) {
  for (auto const* run : {"../a", "a b", "", "äöü"}) {
    producer::SendOptions options;
    options.run = run;
    EXPECT_EQ(producer::check(command(), options).has_value(), std::string(run).empty()) << run;
  }
  producer::SendOptions options;
  options.run = std::string(65, 'a');
  EXPECT_TRUE(producer::check(command(), options).has_error());
}

TEST(Checks, RefuseALifetimeThatNobodyLivesToSee) {
  producer::SendOptions options;
  options.ttl = 0s;
  EXPECT_TRUE(producer::check(command(), options).has_error());
  options.ttl = 10s;
  EXPECT_TRUE(producer::check(command(), options).has_value());
  options.delay = 10s;
  EXPECT_TRUE(producer::check(command(), options).has_error());
}

TEST(Checks, RefuseAGroupThatSqsCannotName) {
  producer::SendOptions options;
  for (auto const& group : {std::string("a b"), std::string("é"), std::string(129, 'g')}) {
    options.group_id = group;
    EXPECT_TRUE(producer::check(command(), options).has_error()) << group;
  }
}

TEST(Checks, RefuseToResumeWithoutARunOrAManifest) {
  producer::SendOptions options;
  options.resume = true;
  EXPECT_TRUE(producer::check(command(), options).has_error());
  options.run = "a";
  EXPECT_TRUE(producer::check(command(), options).has_value());
  options.manifest = "none";
  EXPECT_TRUE(producer::check(command(), options).has_error());
}

}  // namespace
