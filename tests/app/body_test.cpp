#include "app/body.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace {

app::Body sample() {
  app::Body body;
  body.msg = "Scale Test Message : COUNT 1";
  body.src_stamp = "2026-11-22 01:02:03.000004";
  body.run = "a";
  body.seq = 1;
  body.hash = app::payload_hash(body.msg, "");
  return body;
}

TEST(Body, BeginsWithTheSamplesTwoKeys) {
  EXPECT_TRUE(app::encode(sample()).starts_with(
      R"({"msg":"Scale Test Message : COUNT 1","srcStamp":"2026-11-22 01:02:03.000004","run":"a","seq":1,"hash":")"));
}

TEST(Body, ComesBackAsItWas) {
  auto body = sample();
  body.msg = "quotes \" back \\ slash\n\r\t control \x01 and é 😀";
  body.payload = "more";
  auto const back = app::decode(app::encode(body));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->msg, body.msg);
  EXPECT_EQ(back->src_stamp, body.src_stamp);
  EXPECT_EQ(back->run, body.run);
  EXPECT_EQ(back->seq, body.seq);
  EXPECT_EQ(back->hash, body.hash);
  EXPECT_EQ(back->payload, body.payload);
}

TEST(Body, CarriesATraceContextAndOverlooksAMalformedOne) {
  auto body = sample();
  body.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
  body.payload = "p";
  auto const text = app::encode(body);
  EXPECT_NE(
      text.find(R"(","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00","payload":)"),
      std::string::npos);
  EXPECT_EQ(app::decode(text)->traceparent, body.traceparent);
  EXPECT_EQ(app::decode(text)->hash, app::payload_hash(body.msg, ""));
  body.traceparent[0] = 'f';
  body.traceparent[1] = 'f';
  auto const back = app::decode(app::encode(body));
  EXPECT_EQ(back->traceparent, "");
  EXPECT_EQ(back->run, "a");
}

TEST(Body, TakesTheSamplesOwnMessages) {
  auto const body =
      app::decode(R"({"msg": "Scale Test Message : COUNT 1", "srcStamp": "2024-01-01 00:00:00.000001"})");
  ASSERT_TRUE(body.has_value());
  EXPECT_EQ(body->msg, "Scale Test Message : COUNT 1");
  EXPECT_EQ(body->run, "");
}

TEST(Body, TakesAForeignObjectWhole) {
  std::string const text = R"({"order": 17})";
  auto const body = app::decode(text);
  ASSERT_TRUE(body.has_value());
  EXPECT_EQ(body->msg, text);
}

TEST(Body, TakesNoRunFromAMalformedOne) {
  for (auto const* run :
       {R"("run":"../x","seq":1)", R"("run":"a","seq":0)", R"("run":"a","seq":-1)", R"("run":"a","seq":"1")",
        R"("run":"a","seq":1000000000000)", R"("run":7,"seq":1)", R"("run":"a")"}) {
    auto const body = app::decode(std::string(R"({"msg":"m",)") + run + '}');
    ASSERT_TRUE(body.has_value()) << run;
    EXPECT_EQ(body->run, "") << run;
    EXPECT_EQ(body->seq, 0U) << run;
  }
}

TEST(Body, RefusesWhatIsNoJsonObject) {
  for (auto const* text : {"", "hello", "[1]", "17", "{\"msg\":", "null", "\xff\xfe"})
    EXPECT_TRUE(app::decode(text).has_error()) << text;
}

TEST(Body, RefusesBytesBehindANul) {
  using namespace std::string_view_literals;
  EXPECT_TRUE(app::decode("{\"msg\":\"a\"}\0\x9e"sv).has_error());
}

TEST(PayloadHash, IsSha256OfMessageAndPayload) {
  EXPECT_EQ(app::payload_hash("abc", ""), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(app::payload_hash("a", "bc"), app::payload_hash("abc", ""));
}

TEST(Salvage, TakesWhatStandsBeforeTheTextBreaksOff) {
  auto const body = app::salvage(R"({"msg":"m","srcStamp":"s","run":"a","seq":7,"hash":"h",)");
  EXPECT_EQ(body.msg, "m");
  EXPECT_EQ(body.src_stamp, "s");
  EXPECT_EQ(body.run, "a");
  EXPECT_EQ(body.seq, 7U);
  EXPECT_EQ(body.hash, "h");
}

TEST(Salvage, BelievesOnlyTheObjectsOwnKeys) {
  EXPECT_EQ(app::salvage(R"({"in":{"run":"b","seq":1},"run":"a","seq":7,)").run, "a");
  for (auto const* text :
       {R"({"in":{"run":"b","seq":1},)", R"([{"run":"b","seq":1},)", R"(["run","b","seq",1)",
        R"({"run":"b","seq":0,)", R"({"run":"b b","seq":1,)", R"({"run":"b","seq":1.5,)", R"({"run":"b)",
        R"({"msg":"\"run\":\"b\",\"seq\":1)", "no JSON", "", "\xff"})
    EXPECT_EQ(app::salvage(text).run, "") << text;
  EXPECT_EQ(app::salvage(std::string(200'000, '[')).seq, 0U);
}

}  // namespace
