#include "app/metrics/sheet.hpp"

#include <gmock/gmock.h>

#include <limits>
#include <set>
#include <stdexcept>

#include "app/metrics/catalogue.hpp"

namespace {

using namespace std::chrono_literals;
using app::Kind;
using app::Sheet;
using testing::HasSubstr;

constexpr app::Family families[] = {{"sent_total", Kind::counter, "Sent \\ so far."},
                                    {"held", Kind::gauge, "Held."},
                                    {"took_seconds", Kind::histogram, "How long."}};

TEST(Sheet, WritesEachFamilyWithItsHelpAndType) {
  Sheet const sheet(families);
  EXPECT_EQ(sheet.text(),
            "# HELP sent_total Sent \\\\ so far.\n# TYPE sent_total counter\n"
            "# HELP held Held.\n# TYPE held gauge\n"
            "# HELP took_seconds How long.\n# TYPE took_seconds histogram\n");
}

TEST(Sheet, AddsUpWhatSeveralLoopsTell) {
  Sheet sheet(families);
  sheet.add("sent_total", {{"queue", "a"}}, 2);
  sheet.add("sent_total", {{"queue", "a"}}, 3);
  sheet.add("sent_total", {{"queue", "b"}}, 1);
  EXPECT_THAT(sheet.text(), HasSubstr("sent_total{queue=\"a\"} 5\nsent_total{queue=\"b\"} 1\n"));
  EXPECT_EQ(sheet.total("sent_total"), 6);
}

TEST(Sheet, LeavesOutLabelsWithoutAValueAndEscapesTheOthers) {
  Sheet sheet(families);
  sheet.add("held", {{"error_type", ""}}, 1);
  sheet.add("held", {{"name", "a\"b\\c\nd"}}, 2);
  EXPECT_THAT(sheet.text(), HasSubstr("\nheld 1\nheld{name=\"a\\\"b\\\\c\\nd\"} 2\n"));
}

TEST(Sheet, WritesNumbersAsPrometheusReadsThem) {
  Sheet sheet(families);
  sheet.add("held", {{"n", "1"}}, 0.1);
  sheet.add("held", {{"n", "2"}}, std::numeric_limits<double>::infinity());
  sheet.add("held", {{"n", "3"}}, std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT(sheet.text(), HasSubstr("held{n=\"1\"} 0.1\nheld{n=\"2\"} +Inf\nheld{n=\"3\"} NaN\n"));
}

TEST(Sheet, CountsBucketsUpwards) {
  base::Timings one;
  one.record(500us);  // exactly a bound: within
  one.record(501us);
  one.record(-1ms);
  base::Timings other;
  other.record(10min);
  Sheet sheet(families);
  sheet.add("took_seconds", {}, one);
  sheet.add("took_seconds", {}, other);
  auto const text = sheet.text();
  EXPECT_THAT(text, HasSubstr("took_seconds_bucket{le=\"0.0005\"} 2\ntook_seconds_bucket{le=\"0.001\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("took_seconds_bucket{le=\"120\"} 3\ntook_seconds_bucket{le=\"+Inf\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("took_seconds_count 4\n"));
}

TEST(Sheet, RefusesAMetricThatIsNotListed) {
  Sheet sheet(families);
  EXPECT_THROW(sheet.add("other", {}, 1), std::logic_error);
}

TEST(Catalogue, NamesEachMetricOnceAndByThePrometheusRules) {
  for (auto const role : {app::Role::producer, app::Role::consumer}) {
    std::set<std::string_view> names;
    for (auto const& family : app::families_of(role)) {
      EXPECT_TRUE(names.insert(family.name).second) << family.name;
      EXPECT_EQ(family.name.ends_with("_total"), family.kind == Kind::counter) << family.name;
      EXPECT_TRUE(family.kind != Kind::histogram || family.name.ends_with("_seconds")) << family.name;
    }
  }
}

}  // namespace
