#include "base/encoding.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

using namespace base;
using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(Base64, FollowsTheVectorsOfRfc4648) {
  for (auto const& [plain, coded] : Pairs{{"", ""},
                                          {"f", "Zg=="},
                                          {"fo", "Zm8="},
                                          {"foo", "Zm9v"},
                                          {"foob", "Zm9vYg=="},
                                          {"fooba", "Zm9vYmE="},
                                          {"foobar", "Zm9vYmFy"},
                                          {std::string("\0\xff\xfe", 3), "AP/+"}}) {
    EXPECT_EQ(base64_encode(plain), coded);
    EXPECT_EQ(base64_decode(coded), plain);
  }
}

TEST(Base64, RefusesWhatIsNotBase64) {
  for (auto const* text :
       {"Z", "Zg", "Zg=", "Zg===", "=Zg=", "Zg==Zg==", "Zm9v\n", "Zm 9", "Zh==", "Zm9=", "-_-_", "===="})
    EXPECT_FALSE(base64_decode(text)) << text;
}

TEST(Hex, IsLowerCase) { EXPECT_EQ(hex(std::string("\x00\x7f\xAB\xff", 4)), "007fabff"); }

TEST(PercentEncoding, KeepsOnlyTheUnreservedCharacters) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode(" /+%=&\xC3\xA4"), "%20%2F%2B%25%3D%26%C3%A4");
  EXPECT_EQ(percent_encode(std::string("\0", 1)), "%00");
}

TEST(PercentEncoding, DecodesItsOwnOutputForEveryByte) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_decode("%c3%A4+"), "\xC3\xA4+");
}

TEST(PercentEncoding, RefusesABrokenEscape) {
  for (auto const* text : {"%", "a%2", "%G0", "%0g", "%%41"}) EXPECT_FALSE(percent_decode(text)) << text;
}

TEST(Utf8, AcceptsTheShortestFormsOnly) {
  for (auto const* text : {"", "a", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                           "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
    EXPECT_TRUE(is_utf8(text)) << hex(text);
  for (auto const* text :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC2", "\xE0\x9F\xBF", "\xE0\xA0", "\xED\xA0\x80", "\xED\xBF\xBF",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xC2z"})
    EXPECT_FALSE(is_utf8(text)) << hex(text);
}

TEST(Utf8, IsCountedInUtf16UnitsAsAzureDoes) {
  EXPECT_EQ(utf16_length(""), 0U);
  EXPECT_EQ(utf16_length("a\xC3\xA4\xE2\x82\xAC"), 3U);
  EXPECT_EQ(utf16_length("\xF0\x9F\x98\x80"), 2U);
}

TEST(Xml10, KnowsWhichCharactersCannotBeCarried) {
  for (auto const* text :
       {"", "a\t\r\n", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBD", "\xF0\x9F\x98\x80", "\x7f"})
    EXPECT_TRUE(is_xml10(text)) << hex(text);
  for (auto const& text :
       {std::string("\0", 1), std::string("\x01"), std::string("\x0b"), std::string("\x1f"),
        std::string("\xEF\xBF\xBE"), std::string("\xEF\xBF\xBF"), std::string("\xff")})
    EXPECT_FALSE(is_xml10(text)) << hex(text);
}

TEST(Utf8, IsSeenWhereverItStands) {
  for (std::size_t before = 0; before < 20; ++before)
    for (std::size_t after = 0; after < 20; ++after) {
      auto const within = [&](std::string_view text) {
        return std::string(before, ' ').append(text).append(after, '~');
      };
      EXPECT_TRUE(is_utf8(within("\xC3\xA4\n")) && is_xml10(within("\xC3\xA4\n\x7F")))
          << before << ' ' << after;
      EXPECT_EQ(utf16_length(within("\xC3\xA4\xF0\x9F\x98\x80")), before + after + 3);
      for (auto const* bad : {"\xFF", "\xC3", "\x80"})
        EXPECT_FALSE(is_utf8(within(bad)) || is_xml10(within(bad))) << before << ' ' << after;
      EXPECT_TRUE(is_utf8(within("\x01")));
      EXPECT_FALSE(is_xml10(within("\x01")) || is_xml10(within("\x1F"))) << before << ' ' << after;
    }
}

TEST(AsciiRun, EndsAtTheFirstByteThatIsNone) {
  EXPECT_EQ(ascii_run(""), 0U);
  for (std::size_t before = 0; before < 20; ++before)
    for (std::size_t after = 0; after < 20; ++after)
      for (int byte = 0; byte < 256; ++byte) {
        auto const text = std::string(before, '!').append(1, static_cast<char>(byte)).append(after, '#');
        ASSERT_EQ(ascii_run(text), byte < 0x80 ? text.size() : before)
            << before << ' ' << after << ' ' << byte;
      }
}

TEST(Text, IsComparedLoweredAndTrimmedInAsciiOnly) {
  EXPECT_TRUE(iequals("Content-TYPE", "content-type"));
  EXPECT_FALSE(iequals("a", "ab"));
  EXPECT_FALSE(iequals("\xC3\x84", "\xC3\xA4"));
  EXPECT_EQ(lower("A-Z[\xC3\x84"), "a-z[\xC3\x84");
  EXPECT_EQ(trim(" \t\r\n a b \v\f"), "a b");
  EXPECT_EQ(trim(" \n"), "");
}

TEST(ParseU64, TakesWholeDecimalNumbersOnly) {
  EXPECT_EQ(parse_u64("0"), 0U);
  EXPECT_EQ(parse_u64("007"), 7U);
  EXPECT_EQ(parse_u64("18446744073709551615"), 18446744073709551615U);
  for (auto const* text : {"", "-1", "+1", " 1", "1 ", "1.0", "0x1", "18446744073709551616", "1e3"})
    EXPECT_FALSE(parse_u64(text)) << text;
}
