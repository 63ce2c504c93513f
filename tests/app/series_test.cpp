#include "app/series.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace {

using namespace std::chrono_literals;
using app::Series;

Series::Part part(double sent, double in_flight,
                  std::vector<std::chrono::milliseconds> const& latencies = {}) {
  Series::Part made{{sent}, {in_flight}, {app::Histogram()}};
  for (auto const latency : latencies) made.times[0].record(latency);
  return made;
}

Series::Shape const shape{{"sent"}, {"in_flight"}, {"latency_ms"}};

double at(Series const& series, Series::Row const& row, char const* name) {
  return row.at(series.column(name));
}

TEST(Series, ARowIsWholeOnceEveryLaneHasAdded) {
  Series series(shape, 2);
  series.add(0, 1.0, part(10, 1, {1ms, 2ms}));
  EXPECT_TRUE(series.rows().empty());
  series.add(0, 2.0, part(11, 1));
  series.add(1, 1.001, part(20, 2, {9ms}));
  auto const rows = series.rows();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(at(series, rows[0], "sent"), 30);
  EXPECT_EQ(at(series, rows[0], "in_flight"), 3);
  EXPECT_NEAR(at(series, rows[0], "latency_ms.max"), 9, 0.1);
  EXPECT_NEAR(at(series, rows[0], "latency_ms.p50"), 2, 0.05);
  EXPECT_EQ(at(series, rows[0], "t"), 1.001);
}

TEST(Series, ALaneThatLeftIsNotWaitedFor) {
  Series series(shape, 2);
  series.add(0, 1.0, part(10, 1));
  series.add(0, 2.5, part(11, 1));
  series.leave(1);
  auto const rows = series.rows();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(at(series, rows[1], "sent"), 11);
  EXPECT_EQ(at(series, rows[1], "seconds"), 1.5);
  EXPECT_TRUE(std::isnan(at(series, rows[1], "latency_ms.p99")));
}

TEST(Series, KeepsEveryLineInTheFileAndFewerRowsInMemory) {
  auto const path = std::filesystem::temp_directory_path() / ("series-" + std::to_string(::getpid()));
  Series series(shape, 1);
  ASSERT_TRUE(series.stream_to(path));
  std::size_t const many = Series::most_rows * 2 + 10;
  for (std::size_t i = 1; i <= many; ++i) series.add(0, static_cast<double>(i), part(1, 0));
  EXPECT_LE(series.rows().size(), Series::most_rows);
  EXPECT_GE(series.rows().size(), Series::most_rows / 2);
  EXPECT_EQ(at(series, *series.last(), "t"), static_cast<double>(many));
  EXPECT_EQ(series.total("sent"), static_cast<double>(many));
  EXPECT_EQ(series.recent("sent", 3), (std::vector<double>{1, 1, 1}));
  std::ifstream file(path);
  std::size_t lines = 0;
  for (std::string line; std::getline(file, line);) ++lines;
  EXPECT_EQ(lines, many);
  std::filesystem::remove(path);
}

TEST(Series, DropsARowOfNoTimeInWhichNothingWasCounted) {
  Series series(shape, 1);
  series.add(0, 1.0, part(10, 1));
  series.add(0, 1.0002, part(0, 0));
  series.add(0, 1.0004, part(1, 0));
  EXPECT_EQ(series.rows().size(), 2U);
  EXPECT_EQ(series.total("sent"), 11);
}

TEST(Series, LineNestsDotsAndWritesNull) {
  EXPECT_EQ(app::series_line({"t", "errors.throttled", "p.p50"}, {1.5, 3, NAN}),
            R"({"t":1.5,"errors":{"throttled":3},"p":{"p50":null}})");
}

TEST(Series, SaysWhyTheFileCannotBeMade) {
  Series series(shape, 1);
  auto const made = series.stream_to("/nonexistent/x.jsonl");
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message,
              testing::HasSubstr("/nonexistent/x.jsonl can't be written: No such file"));
}

TEST(Histogram, TellsWhatCameSinceACopy) {
  app::Histogram all;
  all.record(5ms);
  all.record(100ms);
  auto const before = all;
  all.record(7ms);
  all.record(8ms);
  auto const more = all.since(before);
  EXPECT_EQ(more.count(), 2U);
  EXPECT_NEAR(static_cast<double>(more.quantile(1).count()), 8000, 64);
  EXPECT_NEAR(static_cast<double>(more.max().count()), 8000, 64);
}

}  // namespace
