#include "app/logging.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace {

TEST(JsonLog, IsOneObjectALineWhateverTheText) {
  base::Field const fields[] = {{"run", "a"}, {"message", "bytes \xff\n\""}};
  auto const line =
      app::log_line("2026-11-22 01:02:03.000004", base::Level::warning, "consumer", "two\nlines", fields);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  auto const json = nlohmann::json::parse(line);
  EXPECT_EQ(json["time"], "2026-11-22T01:02:03.000004Z");
  EXPECT_EQ(json["level"], "warning");
  EXPECT_EQ(json["program"], "consumer");
  EXPECT_EQ(json["run"], "a");
  EXPECT_EQ(json["message"], "two\nlines");  // a field of that name does not take its place
}

TEST(Log, TakesOnlyItsLevelAndAbove) {
  auto const log = app::make_log(base::Level::warning, app::LogFormat::json, "consumer");
  EXPECT_FALSE(log->wants(base::Level::info));
  EXPECT_TRUE(log->wants(base::Level::warning));
  EXPECT_TRUE(log->wants(base::Level::error));
}

}  // namespace
