#include "base/json_reader.hpp"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/encoding.hpp"
#include "base/random.hpp"

namespace base {
namespace {

using Members = std::map<std::string, std::string, std::less<>>;

// The members of an object that are strings, those named "n" as numbers; nothing where the reader gives up.
std::optional<Members> read(std::string_view text) {
  Members members;
  JsonReader reader(text);
  bool const good = reader.object([&](std::string_view key) {
    if (key == "skip") return reader.skip();
    if (key == "n") {
      std::uint64_t number = 0;
      bool const fine = reader.number(number);
      members["n"] = std::to_string(number);
      return fine;
    }
    return reader.string(members[std::string(key)]);
  });
  if (!good || !reader.at_end() || !is_utf8(text)) return std::nullopt;
  return members;
}

// The same by a whole parser, which must agree with whatever the reader accepts.
void expect_agreement(std::string const& text) {
  auto const members = read(text);
  if (!members) return;
  auto const json = nlohmann::json::parse(text, nullptr, false);
  ASSERT_TRUE(json.is_object()) << text;
  for (auto const& [key, value] : *members) {
    ASSERT_TRUE(json.contains(key)) << text;
    auto const& found = json[key];
    EXPECT_EQ(found.is_string() ? found.get<std::string>() : found.dump(), value) << text;
  }
}

TEST(JsonReader, ReadsMembersInAnyOrderAndOfAnySpacing) {
  auto const members = read(
      " {\"a\" : \"b\\n\\\"\\\\\\/\xC3\xA4\" "
      ",\r\n\"n\":120,\t\"skip\":[{\"x\":[1,-2.5,true,false,null,\"\"]},{}]} ");
  ASSERT_TRUE(members);
  EXPECT_EQ(members->at("a"), "b\n\"\\/\xC3\xA4");
  EXPECT_EQ(members->at("n"), "120");
  EXPECT_TRUE(read("{}"));
}

TEST(JsonReader, GivesUpOnWhatIsMalformedOrUncommon) {
  for (std::string const text : {"",
                                 "{",
                                 "[]",
                                 "{\"a\"}",
                                 "{\"a\":}",
                                 "{\"a\":\"b\"",
                                 "{\"a\":\"b\",}",
                                 "{\"a\":\"b\"}x",
                                 "{a:1}",
                                 "{\"a\":\"b\nc\"}",
                                 "{\"a\":\"\\u0041\"}",
                                 "{\"a\":\"\\x\"}",
                                 "{\"a\":\"\\",
                                 "{\"a\":1}",
                                 "{\"n\":01}",
                                 "{\"n\":-1}",
                                 "{\"n\":1.5}",
                                 "{\"n\":1e3}",
                                 "{\"n\":1234567890123456}",
                                 "{\"skip\":01}",
                                 "{\"skip\":1e999}",
                                 "{\"skip\":.5}",
                                 "{\"skip\":1.}",
                                 "{\"skip\":-}",
                                 "{\"skip\":tru}",
                                 "{\"skip\":[1,]}",
                                 "{\"skip\":[1 2]}",
                                 "{\"\\n\":\"\"}"})
    EXPECT_FALSE(read(text)) << text;
  EXPECT_FALSE(read(std::string("{\"a\":\"\0\"}", 9)));
  EXPECT_FALSE(read("{\"skip\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}"));
}

TEST(JsonReader, AgreesWithAWholeParserOnWhateverItAccepts) {
  std::string const good =
      R"({"msg":"a\"b","n":7,"skip":{"x":[1,2.5,"z"]},"t":"\\","e":"","skip":-0.5,"msg":"again"})";
  ASSERT_TRUE(read(good));
  constexpr std::string_view alphabet = "\"\\{}[],:0123456789.-eEtrufalsn \n\x01\xC3\xA4";
  SeededRandom random(7);
  std::size_t accepted = 0;
  for (int turn = 0; turn < 50'000; ++turn) {
    std::string text = good;
    for (std::uint64_t change = 0; change <= random.below(3); ++change) {
      auto const at = random.below(text.size());
      char const c = alphabet[random.below(alphabet.size())];
      if (random.below(3) == 0)
        text.erase(at, 1);
      else if (random.below(2) == 0)
        text.insert(at, 1, c);
      else
        text[at] = c;
    }
    accepted += read(text) ? 1U : 0U;
    expect_agreement(text);
  }
  EXPECT_GT(accepted, 1000U);
}

}  // namespace
}  // namespace base
