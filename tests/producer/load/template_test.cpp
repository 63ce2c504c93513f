#include "producer/load/template.hpp"

#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>

#include "app/body.hpp"
#include "base/time.hpp"
#include "producer/load/dice.hpp"

namespace {

using producer::Template;
using testing::HasSubstr;
using testing::MatchesRegex;

std::string render(std::string const& text, std::uint64_t seq = 7) {
  auto const made = Template::parse(text);
  if (!made) return made.error().message;
  producer::Dice dice(producer::Dice::of("a"), seq);
  auto const now = *base::parse_stamp("2026-11-22 01:02:03.000004");
  auto rendered = made->render({"a", seq, "group-3", now}, dice);
  EXPECT_LE(app::json_length(rendered), made->longest(1, 7)) << text;
  return rendered;
}

TEST(Template, FillsInWhatAMessageIs) {
  EXPECT_EQ(render("{{run}}/{{seq}} of {{group}}"), "a/7 of group-3");
  EXPECT_EQ(render("{{now}} {{now:iso}} {{now:stamp}} {{now:unix}} {{now:ms}}"),
            "2026-11-22T01:02:03.000004Z 2026-11-22T01:02:03.000004Z 2026-11-22 01:02:03.000004 1795309323 "
            "1795309323000");
}

TEST(Template, DrawsAnewForEachMessageAndTheSameForTheSame) {
  EXPECT_NE(render("{{uuid}}", 1), render("{{uuid}}", 2));
  EXPECT_EQ(render("{{uuid}}", 1), render("{{uuid}}", 1));
  EXPECT_THAT(render("{{uuid}}"),
              MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_THAT(render("{{random:hex:16}}"), MatchesRegex("[0-9a-f]{16}"));
  EXPECT_THAT(render("{{random:text:12}}"), MatchesRegex("[0-9A-Za-z]{12}"));
  EXPECT_THAT(render("{{random:word}}"), MatchesRegex("[a-z]{3,7}"));
  EXPECT_THAT(render("{{random:words:3}}"), MatchesRegex("[a-z]+ [a-z]+ [a-z]+"));
}

TEST(Template, DrawsEveryNumberBetweenItsBounds) {
  std::map<std::string, int> seen;
  for (std::uint64_t seq = 1; seq <= 1000; ++seq) ++seen[render("{{random:int:-1..2}}", seq)];
  EXPECT_EQ(seen.size(), 4U);
  EXPECT_GT(seen["-1"], 150);
  EXPECT_GT(seen["2"], 150);
  seen.clear();
  for (std::uint64_t seq = 1; seq <= 1000; ++seq) ++seen[render("{{random:decimal:-0.1..0.15}}", seq)];
  EXPECT_EQ(seen.size(), 26U);
  EXPECT_TRUE(seen.contains("-0.10") && seen.contains("0.00") && seen.contains("0.15"));
  seen.clear();
  for (std::uint64_t seq = 1; seq <= 100; ++seq) ++seen[render("{{random:choose:red|green|}}", seq)];
  EXPECT_EQ(seen.size(), 3U);
  EXPECT_EQ(render("{{random:int:99999999999999999..99999999999999999}}"), "99999999999999999");
}

TEST(Template, MayBeJsonAndHoldBracesOfItsOwn) {
  auto const json = nlohmann::json::parse(render(R"({"id":{{seq}},"a":{"b":{{random:int:1..9}}}})"));
  EXPECT_EQ(json["id"], 7);
  EXPECT_EQ(render("{{{{seq}} is {{seq}}"), "{{seq}} is 7");
}

TEST(Template, PointsAtWhatIsWrong) {
  EXPECT_EQ(render("äb {{sequence}}").substr(render("äb {{sequence}}").find('\n')),
            "\n  äb {{sequence}}\n       ^");
  EXPECT_THAT(render("{{seq"), HasSubstr("'}}' was expected"));
  EXPECT_THAT(render("{{seq:1}}"), HasSubstr("{{seq:1}}\n       ^"));
  EXPECT_THAT(render("{{now:utc}}"), HasSubstr("unix, ms, stamp or iso"));
  EXPECT_THAT(render("{{random:int:5..1}}"), HasSubstr("the most is less than the least"));
  EXPECT_THAT(render("{{random:int:1.5..2}}"), HasSubstr("'..' was expected"));
  EXPECT_THAT(render("{{random:int:1..99999999999999999999}}"), HasSubstr("at most 17 digits"));
  EXPECT_THAT(render("{{random:decimal:99999999999999999..0.99}}"), HasSubstr("too many digits"));
  EXPECT_THAT(render("{{random:hex:0}}"), HasSubstr("1 to 1,000,000"));
  EXPECT_THAT(render("{{random:choose:a|b"), HasSubstr("'}}' is missing"));
  EXPECT_THAT(render("first\nsecond {{x}}\nthird"), testing::EndsWith("\n  second {{x}}\n           ^"));
  EXPECT_THAT(render(std::string(500, 'a') + "{{x}}" + std::string(500, 'b')), HasSubstr("\n  …aaa"));
  EXPECT_THAT(render("\xff"), HasSubstr("UTF-8"));
  EXPECT_THAT(render(""), HasSubstr("empty"));
}

TEST(Template, NamesTheFileThatIsNotThere) {
  EXPECT_THAT(Template::load("no-such-file").error().message,
              HasSubstr("no-such-file: No such file or directory; a text that is no file has a placeholder"));
  EXPECT_THAT(Template::load("@no-{{such}}").error().message, HasSubstr("can't be read: no-{{such}}"));
  EXPECT_THAT(Template::load("/").error().message, HasSubstr("can't be read: /: Is a directory"));
}

}  // namespace
