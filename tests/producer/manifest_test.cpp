#include "producer/manifest.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace {

producer::Manifest sample() {
  producer::Manifest manifest;
  manifest.run = "a";
  manifest.queue = "sqlite:edw.db#messages";
  manifest.last = 10;
  manifest.acknowledged.insert(1, 5);
  manifest.acknowledged.insert(7);
  manifest.failed.insert(6);
  return manifest;
}

TEST(Manifest, SaysWhatIsUnknown) {
  auto const json = nlohmann::json::parse(sample().to_json());
  EXPECT_EQ(json["acknowledged"], nlohmann::json::parse("[[1,5],[7,7]]"));
  EXPECT_EQ(json["failed"], nlohmann::json::parse("[[6,6]]"));
  EXPECT_EQ(json["unknown"], nlohmann::json::parse("[[8,10]]"));
}

TEST(Manifest, ComesBackAsItWas) {
  auto const back = producer::Manifest::parse(sample().to_json());
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->to_json(), sample().to_json());
}

TEST(Manifest, RefusesRubbishAndContradictions) {
  for (auto const* text : {"", "[]", "{}", R"({"run":"a","last":3,"acknowledged":[[1,2]],"failed":[[2,3]]})",
                           R"({"run":"a","last":3,"acknowledged":[[1,4]],"failed":[]})",
                           R"({"run":"a","last":3,"acknowledged":[[2,1]],"failed":[]})",
                           R"({"run":"a","last":3,"acknowledged":[[0,1]],"failed":[]})",
                           R"({"run":"a","last":"3","acknowledged":[],"failed":[]})",
                           R"({"run":"a","last":3,"acknowledged":[["1",1]],"failed":[]})",
                           R"({"run":"a","last":18446744073709551615,"acknowledged":[],"failed":[]})",
                           R"({"run":7,"last":3,"acknowledged":[],"failed":[]})"})
    EXPECT_TRUE(producer::Manifest::parse(text).has_error()) << text;
}

TEST(Manifest, IsNotUpsetByDeeplyNestedRubbish) {
  std::string const nested = std::string(200'000, '[') + std::string(200'000, ']');
  auto const read = producer::Manifest::parse(
      R"({"run":"a","last":0,"acknowledged":[],"failed":[],"complete":)" + nested + '}');
  ASSERT_TRUE(read.has_value());
  EXPECT_FALSE(read->complete);
}

TEST(Manifest, IsAbsentWhereThereIsNoFile) {
  EXPECT_EQ(producer::Manifest::load("/nowhere/a.json").error().code, base::Errc::absent);
}

}  // namespace
