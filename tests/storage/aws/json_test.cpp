#include "storage/aws/json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

using storage::aws::Json;

TEST(Json, WritesObjectsAndArraysWithCommas) {
  std::string out;
  Json json(out);
  json.object().key("a").number(-1).key("b").array().text("x").text("y").end_array();
  json.key("c").object().end_object().key("d").boolean(false).key("e").raw("{\"f\":[]}").end_object();
  EXPECT_EQ(out, R"({"a":-1,"b":["x","y"],"c":{},"d":false,"e":{"f":[]}})");
}

TEST(Json, PutsACommaAfterTextThatEndsLikeSyntax) {
  std::string out;
  Json(out).array().text("{").text("[").text(":").text("").end_array();
  EXPECT_EQ(out, R"(["{","[",":",""])");
}

TEST(Json, EscapesWhatHasToBeEscapedAndNothingElse) {
  std::string out;
  Json(out).text("\"\\/\b\n\r\t\x01\x1F\x7F\xC3\xBC");
  EXPECT_EQ(out, "\"\\\"\\\\/\\u0008\\n\\r\\t\\u0001\\u001f\x7F\xC3\xBC\"");
}

TEST(Json, IsReadBackAsItWas) {
  std::string text;
  for (char c = 0; c < 0x7F; ++c) text += std::string("ü") + c + "世\xF0\x9F\x9A\x80";
  std::string out;
  Json(out).object().key(text).text(text).end_object();
  auto const read = nlohmann::json::parse(out);
  EXPECT_EQ(read.at(text).get<std::string>(), text);
}
