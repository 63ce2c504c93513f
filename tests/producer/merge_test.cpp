#include "producer/merge.hpp"

#include <gmock/gmock.h>

#include "app/summary.hpp"

namespace {

using namespace std::chrono_literals;
using producer::Summary;
using testing::HasSubstr;

app::Histogram times(std::chrono::nanoseconds from, int count) {
  app::Histogram histogram;
  for (int i = 0; i < count; ++i) histogram.record(from + i * 37us);
  return histogram;
}

Summary summary(std::uint64_t instance, app::Histogram const& latency) {
  Summary made{std::to_string(instance) + ".json", {}};
  auto& json = made.values;
  json["run"] = "a";
  json["queue"] = "q";
  json["instances"] = 3U;
  json["instance"] = instance;
  json["sent"] = latency.count();
  json["failed"] = instance;
  json["unknown"] = 1U;
  json["seconds"] = 2.0 + static_cast<double>(instance);
  json["latency_histogram"] = app::histogram_json(latency);
  json["service_histogram"] = app::histogram_json(latency);
  json["asked_rate"] = 100.5;
  json["reached_rate"] = 99.25;
  json["not_sent"] = 2U;
  json["held_back"] = 3U;
  return made;
}

std::string refused(std::vector<Summary> const& summaries) {
  auto const merged = producer::merge(summaries);
  return merged ? std::string("nothing") : merged.error().message;
}

TEST(Merge, HasTheQuantilesOfAllTogether) {
  auto const a = times(1ms, 1000), b = times(100us, 5000), c = times(5s, 3);
  auto both = a;
  both.merge(b);
  both.merge(c);
  auto const merged = producer::merge({summary(0, a), summary(1, b), summary(2, c)});
  ASSERT_TRUE(merged.has_value());
  EXPECT_EQ(merged->json()["latency_ms"], app::quantiles_json(both));
  EXPECT_EQ(merged->latency.max(), both.max());
  EXPECT_EQ(merged->sent, 6003U);
  EXPECT_EQ(merged->failed, 3U);
  EXPECT_EQ(merged->seconds, 4.0);
  EXPECT_EQ(merged->asked_rate, 301.5);
  EXPECT_EQ(merged->not_sent, 6U);
  EXPECT_THAT(merged->text(), HasSubstr("3 of 3 instances"));
}

TEST(Merge, IsTheSameInWhateverOrderAndSteps) {
  auto const a = times(1ms, 10), b = times(2ms, 20), c = times(3ms, 30);
  auto const at_once = producer::merge({summary(2, c), summary(0, a), summary(1, b)});
  auto const two = producer::merge({summary(0, a), summary(2, c)});
  auto const stepwise = producer::merge({Summary{"two", two->json()}, summary(1, b)});
  ASSERT_TRUE(stepwise.has_value());
  EXPECT_EQ(stepwise->json(), at_once->json());
}

TEST(Merge, RefusesWhatDoesNotBelongTogether) {
  auto const one = times(1ms, 10);
  EXPECT_THAT(refused({summary(1, one), summary(1, one)}),
              HasSubstr("1.json is of instance 1, as one before it"));
  auto other = summary(2, one);
  other.values["run"] = "b";
  EXPECT_THAT(refused({summary(1, one), other}), HasSubstr("they do not belong together"));
}

TEST(Merge, RefusesWhatIsNoSummary) {
  auto const says = [](auto change) {
    auto wrong = summary(1, times(1ms, 10));
    change(wrong.values);
    return refused({wrong});
  };
  auto const no_summary = HasSubstr("1.json is no summary that producer send wrote");
  EXPECT_THAT(says([](auto& json) { json.erase("latency_histogram"); }), no_summary);
  EXPECT_THAT(says([](auto& json) { json["latency_histogram"] = {{1U, 2U}, {1U, 2U}}; }), no_summary);
  EXPECT_THAT(says([](auto& json) { json["latency_histogram"] = {{1U, 0U}}; }), no_summary);
  EXPECT_THAT(says([](auto& json) { json["latency_histogram"] = {{1U, UINT64_MAX}, {2U, UINT64_MAX}}; }),
              no_summary);
  EXPECT_THAT(says([](auto& json) { json["latency_histogram"] = {{UINT64_MAX, 1U}}; }), no_summary);
  EXPECT_THAT(says([](auto& json) { json["latency_histogram"] = "x"; }), no_summary);
  EXPECT_THAT(says([](auto& json) { json["sent"] = -1; }), no_summary);
  EXPECT_THAT(says([](auto& json) { json["instance"] = 3U; }), no_summary);
  EXPECT_THAT(says([](auto& json) { json.erase("instance"); }), no_summary);
  EXPECT_THAT(says([](auto& json) { json["run"] = 7; }), no_summary);
}

}  // namespace
