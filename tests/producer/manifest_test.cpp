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

TEST(Manifest, ListsWhatIsBadOnPurpose) {
  auto manifest = sample();
  EXPECT_FALSE(nlohmann::json::parse(manifest.to_json()).contains("poison"));
  manifest.poison = {{2, 8, 3}, {9, 9, 1}};
  EXPECT_EQ(nlohmann::json::parse(manifest.to_json())["poison"], nlohmann::json::parse("[[2,8,3],[9,9]]"));
  EXPECT_EQ(producer::Manifest::parse(manifest.to_json())->poison, manifest.poison);
}

TEST(Manifest, OfAnInstanceHoldsSequenceNumbersOfTheRun) {
  auto manifest = sample();
  manifest.share = {4, 3};  // 3, 7, 11, …
  auto const json = nlohmann::json::parse(manifest.to_json());
  EXPECT_EQ(json["instances"], 4);
  EXPECT_EQ(json["instance"], 3);
  EXPECT_EQ(json["last"], 39);
  EXPECT_EQ(json["acknowledged"], nlohmann::json::parse("[[3,19,4],[27,27]]"));
  EXPECT_EQ(json["failed"], nlohmann::json::parse("[[23,23]]"));
  EXPECT_EQ(json["unknown"], nlohmann::json::parse("[[31,39,4]]"));
  auto const back = producer::Manifest::parse(manifest.to_json());
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->to_json(), manifest.to_json());
  EXPECT_EQ(back->last, 10U);
  manifest.share = {4, 0};  // 4, 8, 12, …
  EXPECT_EQ(producer::Manifest::parse(manifest.to_json())->to_json(), manifest.to_json());
}

TEST(Manifest, RefusesNumbersThatAreNotTheInstances) {
  auto const refused = [](std::string const& share, std::string const& rest) {
    return producer::Manifest::parse(R"({"run":"a",)" + share + R"(,"failed":[],)" + rest + '}').has_error();
  };
  EXPECT_FALSE(refused(R"("instances":4,"instance":3)", R"("last":7,"acknowledged":[[3,7,4]])"));
  EXPECT_FALSE(refused(R"("instances":4,"instance":3)", R"("last":0,"acknowledged":[])"));
  EXPECT_TRUE(refused(R"("instances":4,"instance":3)", R"("last":7,"acknowledged":[[3,7]])"));
  EXPECT_TRUE(refused(R"("instances":4,"instance":3)", R"("last":7,"acknowledged":[[3,7,2]])"));
  EXPECT_TRUE(refused(R"("instances":4,"instance":3)", R"("last":8,"acknowledged":[[3,7,4]])"));
  EXPECT_TRUE(refused(R"("instances":4,"instance":3)", R"("last":7,"acknowledged":[[3,6,4]])"));
  EXPECT_TRUE(refused(R"("instances":4,"instance":4)", R"("last":0,"acknowledged":[])"));
  EXPECT_TRUE(refused(R"("instances":0,"instance":0)", R"("last":0,"acknowledged":[])"));
  EXPECT_TRUE(refused(R"("instances":4)", R"("last":0,"acknowledged":[])"));
  EXPECT_TRUE(refused(R"("instances":99999999999,"instance":1)", R"("last":0,"acknowledged":[])"));
  EXPECT_TRUE(refused(R"("poison":[[1,8,3]])", R"("last":8,"acknowledged":[])"));
  EXPECT_TRUE(refused(R"("poison":[[1,7,0]])", R"("last":8,"acknowledged":[])"));
  EXPECT_TRUE(refused(R"("poison":[1])", R"("last":8,"acknowledged":[])"));
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
