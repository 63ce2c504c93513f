#include "consumer/worker_line.hpp"

#include <gtest/gtest.h>

namespace {

using Kind = consumer::Verdict::Kind;

TEST(WorkerLine, TellsAllAboutAMessageOnOneLine) {
  consumer::Job job;
  job.call = 7;
  job.id = "id-1";
  job.body = "{\"msg\":\n1}";
  job.run = "a";
  job.seq = 3;
  job.group = "g";
  job.receive_count = 2;
  EXPECT_EQ(consumer::encode(job),
            R"({"call":7,"id":"id-1","receiveCount":2,"run":"a","seq":3,"group":"g","body":"{\"msg\":\n1}"})"
            "\n");
  job.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  EXPECT_NE(consumer::encode(job).find(
                R"("traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","body":)"),
            std::string::npos);
}

TEST(WorkerLine, TakesAnAnswer) {
  auto const done = consumer::decode_answer(R"({"call":7,"ok":true,"result":{"a":[1]}})");
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->call, 7U);
  EXPECT_EQ(done->verdict.kind, Kind::done);
  EXPECT_EQ(done->verdict.text, R"({"a":[1]})");
  auto const failed = consumer::decode_answer(R"({"id":"x","ok":false,"error":"why","retry":true})");
  EXPECT_EQ(failed->id, "x");
  EXPECT_EQ(failed->verdict.kind, Kind::failed);
  EXPECT_EQ(failed->verdict.text, "why");
  EXPECT_EQ(consumer::decode_answer(R"({"ok":false})")->verdict.kind, Kind::failed);
  EXPECT_EQ(consumer::decode_answer(R"({"ok":false,"retry":false})")->verdict.kind, Kind::refused);
}

TEST(WorkerLine, TakesAnObjectWithoutAWordForSuccessUnlessItTellsAnError) {
  EXPECT_EQ(consumer::decode_answer("{}")->verdict.kind, Kind::done);
  EXPECT_EQ(consumer::decode_answer(R"({"call":1,"body":"as it came"})")->verdict.kind, Kind::done);
  EXPECT_EQ(consumer::decode_answer(R"({"error":"why"})")->verdict.kind, Kind::failed);
}

TEST(WorkerLine, TakesNothingElse) {
  for (char const* line :
       {"", "ok", "1", "[]", "null", "{", R"({"ok":1})", R"({"ok":"true"})", R"({"call":-1})",
        R"({"call":"1"})", R"({"id":1})", R"({"error":{}})", R"({"ok":false,"retry":0})"})
    EXPECT_FALSE(consumer::decode_answer(line).has_value()) << line;
}

TEST(WorkerLine, IsNotUpsetByDeeplyNestedRubbish) {
  auto const nested = [](std::size_t depth) {
    return "{\"result\":" + std::string(depth, '[') + std::string(depth, ']') + '}';
  };
  EXPECT_TRUE(consumer::decode_answer(nested(400)));
  EXPECT_FALSE(consumer::decode_answer(nested(500'000)));
  EXPECT_TRUE(consumer::decode_answer("{\"result\":\"" + std::string(1'000, '[') + "\\\"\"}"));
}

}  // namespace
