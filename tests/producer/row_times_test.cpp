#include "producer/row_times.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"

namespace {

using namespace std::chrono_literals;

base::System moment(double seconds) {
  return std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} +
         std::chrono::duration_cast<base::System::duration>(std::chrono::duration<double>(seconds));
}

TEST(RowTimes, TellsWhatWasProducedAndWrittenInEachSecondWhateverTheOrder) {
  producer::RowTimes times;
  times.take(moment(7.5), moment(9.5));
  times.take(moment(5.1), moment(5.2));
  times.take(moment(5.9), moment(9.0));
  app::Series series(producer::RowTimes::shape(), 1);
  times.fill(series);
  auto const rows = series.rows();
  // 5 to 6, 6 to 7 (nothing), 7 to 8, 8 to 9 (nothing), 9 to 10
  ASSERT_EQ(rows.size(), 5U);
  auto const column = [&](char const* name) {
    std::vector<double> values;
    for (auto const& row : rows) values.push_back(row.at(series.column(name)));
    return values;
  };
  EXPECT_EQ(column("t"), (std::vector<double>{1, 2, 3, 4, 5}));
  EXPECT_EQ(column("produced"), (std::vector<double>{2, 0, 1, 0, 0}));
  EXPECT_EQ(column("persisted"), (std::vector<double>{1, 0, 0, 0, 2}));
  EXPECT_EQ(column("waiting"), (std::vector<double>{1, 1, 2, 2, 0}));
  EXPECT_NEAR(rows[4].at(series.column("end_to_end_ms.max")), 3100, 31);
}

TEST(RowTimes, TakesSecondsTogetherRatherThanGrow) {
  producer::RowTimes times;
  std::uint64_t const many = producer::RowTimes::most * 5;
  for (std::uint64_t i = 0; i < many; ++i)
    times.take(moment(static_cast<double>(i)), moment(static_cast<double>(i) + 0.5));
  app::Series series(producer::RowTimes::shape(), 1);
  times.fill(series);
  EXPECT_LE(series.rows().size(), producer::RowTimes::most + 1);
  EXPECT_EQ(series.total("produced"), static_cast<double>(many));
  EXPECT_EQ(series.total("persisted"), static_cast<double>(many));
  EXPECT_GE(series.last()->front(), static_cast<double>(many));
  EXPECT_EQ(series.last()->at(series.column("waiting")), 0);
}

TEST(RowTimes, HasNothingToTellOfNoRows) {
  app::Series series(producer::RowTimes::shape(), 1);
  producer::RowTimes().fill(series);
  EXPECT_TRUE(series.rows().empty());
}

}  // namespace
