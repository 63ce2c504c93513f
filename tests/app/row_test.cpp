#include "app/row.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"

namespace {

TEST(RowKey, PutsNeighboursIntoOnePartition) {
  EXPECT_EQ(app::key_of("a", 1), (storage::Key{"00-a", "000000000001"}));
  EXPECT_EQ(app::key_of("a", 31), (storage::Key{"00-a", "000000000031"}));
  EXPECT_EQ(app::key_of("a", 32), (storage::Key{"01-a", "000000000032"}));
  EXPECT_EQ(app::key_of("a", 32 * 255), (storage::Key{"ff-a", "000000008160"}));
  EXPECT_EQ(app::key_of("a", 32 * 256), (storage::Key{"00-a", "000000008192"}));
}

TEST(RowKey, ComesFromTheOriginalIdWhereThereIsNoRun) {
  auto const key = app::key_of_id("0b5a-41");
  EXPECT_EQ(key, app::key_of_id("0b5a-41"));
  EXPECT_EQ(key.row, "0b5a-41");
  EXPECT_TRUE(key.partition.ends_with("-~id"));
  EXPECT_EQ(key.partition.size(), 6U);
}

TEST(RowKey, KeepsIdsApartWhoseForbiddenCharactersDiffer) {
  EXPECT_NE(app::key_of_id("a/b").row, app::key_of_id("a#b").row);
  EXPECT_EQ(app::key_of_id("a/b").row.find('/'), std::string::npos);
}

TEST(Row, HasTheSamplesAttributesAndWhatTheAuditNeeds) {
  app::Body body;
  body.msg = "m";
  body.src_stamp = "2026-11-22 01:02:03.000000";
  body.run = "a";
  body.seq = 7;
  body.hash = app::payload_hash("m", "p");
  body.payload = "p";
  storage::Message message;
  message.id = "id-1";
  message.receive_count = 3;
  app::RowFacts const facts{"dateStamp", "pod-1", base::parse_stamp("2026-11-22 01:02:04.500000").value()};
  auto const row = app::make_row(body, message, facts);
  EXPECT_EQ(row.key, app::key_of("a", 7));
  EXPECT_EQ(row.text("data"), "m");
  EXPECT_EQ(row.text("srcStamp"), "2026-11-22 01:02:03.000000");
  EXPECT_EQ(row.text("dateStamp"), "2026-11-22 01:02:04.500000");
  EXPECT_EQ(row.text("messageProcessingTime"), "1.500000");
  EXPECT_EQ(row.text("payload"), "p");
  EXPECT_EQ(row.text("hash"), body.hash);
  EXPECT_EQ(row.text("run"), "a");
  EXPECT_EQ(row.text("seq"), "7");
  EXPECT_EQ(row.text("receiveCount"), "3");
  EXPECT_EQ(row.text("messageId"), "id-1");
  EXPECT_EQ(row.text("consumer"), "pod-1");
}

TEST(Row, LeavesOutATimeThatNoClockShowed) {
  EXPECT_TRUE(app::moment_of("2026-11-22 01:02:03.000000").has_value());
  for (auto const* text : {"1700-01-01 00:00:00", "1969-12-31 23:59:59", "2200-01-01 00:00:00", "", "soon"})
    EXPECT_FALSE(app::moment_of(text).has_value()) << text;
}

TEST(Row, OfAnotherDeliveryHasTheSameKey) {
  app::Body body;
  body.msg = "no run";
  storage::Message message;
  message.id = "id-9";
  app::RowFacts facts{"destStamp", "pod-1", base::System()};
  auto const first = app::make_row(body, message, facts);
  message.receive_count = 2;
  message.receipt = "another";
  facts.consumer = "pod-2";
  EXPECT_EQ(app::make_row(body, message, facts).key, first.key);
}

}  // namespace
