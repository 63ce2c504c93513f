#include "producer/compare.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;

producer::Summary summary(char const* name, char const* text) { return {name, ordered_json::parse(text)}; }

auto const a = summary("a.json", R"({"run":"x","sent":2000,"failed":0,"rate":500.0,
  "latency_ms":{"p50":10.0,"p99":40.5},"find_max":{"rate":80,"steps":[{"rate":5}]}})");
auto const b = summary("b.json", R"({"run":"y","sent":3000,"failed":3,"rate":450.0,
  "latency_ms":{"p50":null,"p99":81.0},"asked_rate":500})");

TEST(Compare, TellsEachFigureOfBothAndTheDifference) {
  auto const text = producer::compared_text(a, b, producer::compare(a, b));
  EXPECT_EQ(text,
            "A  a.json (run x)\n"
            "B  b.json (run y)\n"
            "                     A       B   from A to B\n"
            "sent             2,000   3,000       +50.0 %\n"
            "failed               0       3\n"
            "rate               500     450       -10.0 %\n"
            "asked_rate           –     500\n"
            "latency_ms p50      10       –\n"
            "latency_ms p99    40.5      81      +100.0 %\n"
            "find_max rate       80       –\n");
}

TEST(Compare, SaysTheSameInJson) {
  auto const json = producer::compared_json(a, b, producer::compare(a, b));
  EXPECT_EQ(json["a"]["run"], "x");
  EXPECT_EQ(json["figures"]["rate"].dump(), R"({"a":500.0,"b":450.0,"difference":-50.0,"percent":-10.0})");
  EXPECT_EQ(json["figures"]["failed"]["percent"], nullptr);
  EXPECT_EQ(json["figures"]["latency_ms"]["p99"]["percent"], 100);
  EXPECT_EQ(json["figures"]["latency_ms"]["p50"]["b"], nullptr);
}

TEST(Compare, TakesOnlySummaries) {
  auto const path = std::filesystem::temp_directory_path() / ("summary-" + std::to_string(::getpid()));
  for (auto const* text :
       {"", "sent 5 messages", "[1,2]", "{}", R"({"a":[1]})", "{\"sent\":1}\n{\"sent\":2}"}) {
    std::ofstream(path) << text;
    auto const loaded = producer::load_summary(path);
    ASSERT_FALSE(loaded) << text;
    EXPECT_THAT(loaded.error().message, HasSubstr("is not one summary"));
  }
  std::ofstream(path) << R"({"sent":1})";
  EXPECT_TRUE(producer::load_summary(path));
  std::filesystem::remove(path);
  EXPECT_THAT(producer::load_summary(path).error().message, HasSubstr("can't be read: No such file"));
}

}  // namespace
