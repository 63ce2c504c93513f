#include "consumer/dead_letters.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace {

TEST(DeadLetterUri, AddsItsSuffixBeforeFifo) {
  EXPECT_EQ(consumer::dead_letter_uri("sqlite:edw.db#messages"), "sqlite:edw.db#messages-poison");
  EXPECT_EQ(consumer::dead_letter_uri("azure://acct/q"), "azure://acct/q-poison");
  EXPECT_EQ(consumer::dead_letter_uri("aws:q.fifo"), "aws:q-poison.fifo");
}

TEST(DeadLetterBody, KeepsTheTextAndSaysWhy) {
  storage::Message message;
  message.id = "id-1";
  message.body = "not json \"\n\xff";
  message.receive_count = 5;
  message.sent_at = base::System(std::chrono::hours(500'000));
  auto const json = nlohmann::json::parse(
      consumer::dead_letter_body(message, "no JSON", "memory:q", base::System(std::chrono::hours(500'001))));
  EXPECT_EQ(json["deadLetter"]["reason"], "no JSON");
  EXPECT_EQ(json["deadLetter"]["receiveCount"], 5);
  EXPECT_EQ(json["deadLetter"]["originalId"], "id-1");
  EXPECT_EQ(json["deadLetter"]["queue"], "memory:q");
  EXPECT_NE(json["deadLetter"]["first"], json["deadLetter"]["last"]);
  EXPECT_TRUE(json["body"].get<std::string>().starts_with("not json \"\n"));
}

}  // namespace
