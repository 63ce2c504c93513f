#include "app/report/page.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace {

using app::Plot;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Plot some() {
  Plot plot;
  plot.id = "rate";
  plot.title = "messages a second";
  plot.times = {1, 2, 3, 4};
  plot.lines = {{"asked", {100, 100, 100, 100}}, {"sent", {90, NAN, 110, 100}}};
  return plot;
}

TEST(Plot, BreaksALineWhereThereIsNoValue) {
  auto const text = app::figure(some());
  EXPECT_THAT(text, HasSubstr("data-name=\"asked\""));
  auto const sent = text.substr(text.find("data-name=\"sent\""));
  auto const path = sent.substr(0, sent.find("/>"));
  EXPECT_EQ(std::count(path.begin(), path.end(), 'M'), 2);
  EXPECT_EQ(std::count(path.begin(), path.end(), 'L'), 1);
  EXPECT_THAT(text, HasSubstr(R"("sent":[90.0,null,110.0,100.0])"));
}

TEST(Plot, SaysThatThereIsNothing) {
  auto plot = some();
  plot.lines = {{"depth", {NAN, NAN, NAN, NAN}}};
  EXPECT_THAT(app::figure(plot), HasSubstr("nothing to show"));
}

TEST(Plot, MarksAreRound) {
  EXPECT_THAT(app::marks(0, 500), ElementsAre(0, 100, 200, 300, 400, 500));
  EXPECT_THAT(app::marks(0, 7), ElementsAre(0, 2, 4, 6));
  EXPECT_THAT(app::marks(0, 1), testing::SizeIs(6));
}

TEST(Page, ShowsNamesAsTextOnly) {
  app::Page page{"run <b>\"x\"</b>", {{"queue", "a&b"}}, {some()}};
  page.plots[0].lines[0].name = "</script><script>alert(1)</script>";
  auto const text = app::html(page);
  EXPECT_THAT(text, Not(HasSubstr("<b>")));
  EXPECT_THAT(text, HasSubstr("a&amp;b"));
  EXPECT_THAT(text, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(text, HasSubstr("\\u003c/script>"));
}

TEST(Page, SaysBeforeTheRunThatItCannotBeWritten) {
  auto const reserved = app::reserve_page("/nonexistent/page.html", "x");
  ASSERT_FALSE(reserved);
  EXPECT_THAT(reserved.error().message, HasSubstr("/nonexistent/page.html can't be written"));
}

}  // namespace
