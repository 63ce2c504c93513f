#include "app/dead_letter.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace {

app::DeadLetter letter(std::string body) {
  app::DeadLetter made;
  made.reason = "it \"failed\"";
  made.receive_count = 5;
  made.first = "2026-11-22 01:02:03.000000";
  made.last = "2026-11-22 01:02:04.000000";
  made.original_id = "id-1";
  made.queue = "memory:q";
  made.body = std::move(body);
  return made;
}

TEST(DeadLetterUri, AddsItsSuffixBeforeFifo) {
  EXPECT_EQ(app::dead_letter_uri("sqlite:edw.db#messages"), "sqlite:edw.db#messages-poison");
  EXPECT_EQ(app::dead_letter_uri("azure://acct/q"), "azure://acct/q-poison");
  EXPECT_EQ(app::dead_letter_uri("aws:q.fifo"), "aws:q-poison.fifo");
}

TEST(DeadLetter, KeepsTheTextAndSaysWhy) {
  auto const json = nlohmann::json::parse(app::encode(letter("not json \"\n\xff")));
  EXPECT_EQ(json["deadLetter"]["reason"], "it \"failed\"");
  EXPECT_EQ(json["deadLetter"]["receiveCount"], 5);
  EXPECT_EQ(json["deadLetter"]["originalId"], "id-1");
  EXPECT_EQ(json["deadLetter"]["queue"], "memory:q");
  EXPECT_NE(json["deadLetter"]["first"], json["deadLetter"]["last"]);
  EXPECT_TRUE(json["body"].get<std::string>().starts_with("not json \"\n"));
}

TEST(DeadLetter, ReadsWhatItWrote) {
  auto const read = app::decode_dead_letter(app::encode(letter(R"({"msg":"m"})")));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->reason, "it \"failed\"");
  EXPECT_EQ(read->receive_count, 5);
  EXPECT_EQ(read->original_id, "id-1");
  EXPECT_EQ(read->body, R"({"msg":"m"})");
}

TEST(DeadLetter, TakesNoOtherTextForOne) {
  for (char const* text : {"", "{}", "not json", R"({"deadLetter":)", R"({"deadLetter":1,"body":""})",
                           R"({"deadLetter":{"reason":"r"},"body":"b"})",
                           R"({"deadLetter":{"originalId":"i"},"body":"b","more":1})",
                           R"({"deadLetter":{"originalId":"i"},"body":{}})"})
    EXPECT_FALSE(app::decode_dead_letter(text).has_value()) << text;
}

TEST(Original, ComesBackFromAnObjectExactly) {
  for (char const* body : {R"({"msg":"m","run":"a","seq":1})", R"({ "a" : [1, 2]  })", R"({"a":"}"})"}) {
    auto const text = app::with_original(letter(body));
    auto json = nlohmann::json::parse(text);
    EXPECT_EQ(json["edwOriginalId"], "id-1");
    json.erase("edwOriginalId");
    EXPECT_EQ(json, nlohmann::json::parse(body));
    auto const original = app::original_of(text);
    EXPECT_EQ(original.body, body);
    EXPECT_EQ(original.id, "id-1");
  }
}

TEST(Original, KeepsAnyOtherTextInItsEnvelope) {
  for (char const* body : {"not json", "", "[1]", "{}", " {\"a\":1} ", R"({"edwOriginalId":"other"})"}) {
    auto const text = app::with_original(letter(body));
    EXPECT_TRUE(app::decode_dead_letter(text).has_value()) << body;
    auto const original = app::original_of(text);
    EXPECT_EQ(original.body, body);
    EXPECT_EQ(original.id, "id-1");
  }
}

TEST(Original, LeavesWhatWasNeverMovedAlone) {
  for (char const* body :
       {"", "text", "{}", R"({"msg":"m"})", R"(,"edwOriginalId":""})", R"({"a":1,"edwOriginalId":"a b"})"}) {
    auto const original = app::original_of(body);
    EXPECT_EQ(original.body, body);
    EXPECT_EQ(original.id, "");
  }
}

TEST(DeadLetterRow, IsNoMessagesRow) {
  app::Body body;
  body.run = "a";
  body.seq = 7;
  auto const row = app::dead_letter_row(letter("b"), body, "");
  EXPECT_EQ(row.key.partition, "dead-letter");
  EXPECT_EQ(row.key.row, "id-1");
  EXPECT_FALSE(row.text("run").has_value());
  EXPECT_EQ(row.text("letterRun"), "a");
  EXPECT_EQ(row.text("letterSeq"), "7");
  EXPECT_FALSE(row.text("redriven").has_value());
  EXPECT_EQ(app::dead_letter_row(letter("b"), body, "now").text("redriven"), "now");
}

}  // namespace
