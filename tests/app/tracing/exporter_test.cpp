#include "app/tracing/exporter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <nlohmann/json.hpp>

#include "app/tracing/otlp.hpp"
#include "fakes/client.hpp"
#include "fakes/timeline.hpp"

namespace {

using namespace app::tracing;
using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::SizeIs;

class Lines final : public base::Log {
 public:
  bool wants(base::Level) const override { return true; }
  void write(base::Level, std::string_view text, std::span<base::Field const>) override {
    lines.emplace_back(text);
  }
  std::vector<std::string> lines;
};

Span span(std::string name) {
  Span made;
  made.context = {{1}, {2}, true};
  made.name = std::move(name);
  made.begun = base::System(1s);
  made.ended = base::System(2s);
  return made;
}

class ExporterTest : public testing::Test {
 protected:
  ExporterTest() : spans(settings.queue) {
    settings.endpoint.origin = {"http", "c", 4318};
    settings.endpoint.path = "/v1/traces";
    settings.headers.emplace_back("authorization", base::Secret("s3cr3t"));
  }
  void start() {
    boost::asio::co_spawn(io, exporter.run(ending.get_token()),
                          [this](std::exception_ptr const&) { over = true; });
  }
  void push(int count) {
    for (int i = 0; i < count; ++i) spans.push(span("s" + std::to_string(i)));
  }
  bool run_until(std::function<bool()> const& done) { return time.run(io, done, 1h); }
  bool end() {
    ending.request_stop();
    auto const begun = time.steady();
    bool const ended = run_until([this] { return over; });
    farewell = time.steady() - begun;
    return ended;
  }

  boost::asio::io_context io;
  fakes::Timeline time;
  base::SeededRandom random{1};
  fakes::Client client;
  Lines log;
  Settings settings;
  Spans spans;
  Exporter exporter{settings, spans, client, time, random, log};
  std::stop_source ending;
  bool over = false;
  std::chrono::nanoseconds farewell{0};
};

TEST_F(ExporterTest, SendsWhatCameTogetherAfterAWhile) {
  client.reply(200, "{}");
  start();
  push(3);
  auto const begun = time.steady();
  ASSERT_TRUE(run_until([this] { return !client.requests.empty(); }));
  EXPECT_EQ(time.steady() - begun, settings.delay);
  auto const& request = client.requests.front();
  EXPECT_EQ(request.method + ' ' + request.target, "POST /v1/traces");
  EXPECT_EQ(*request.headers.find("content-type"), "application/json");
  EXPECT_EQ(*request.headers.find("authorization"), "s3cr3t");
  auto const json = nlohmann::json::parse(request.body);
  EXPECT_THAT(json["resourceSpans"][0]["scopeSpans"][0]["spans"], SizeIs(3));
  EXPECT_TRUE(end());
  EXPECT_EQ(spans.exported(), 3U);
  EXPECT_THAT(log.lines, SizeIs(0));
}

TEST_F(ExporterTest, SendsAFullBatchAtOnce) {
  client.reply(200, "{}");
  settings.batch = 4;
  spans.notify_at(4, [this] { exporter.hurry(); });
  start();
  run_until([this] { return io.poll_one() == 0; });
  auto const begun = time.steady();
  push(4);
  ASSERT_TRUE(run_until([this] { return !client.requests.empty(); }));
  EXPECT_EQ(time.steady(), begun);
  EXPECT_TRUE(end());
}

TEST_F(ExporterTest, SendsWhatIsLeftAtTheEnd) {
  client.reply(200, "{}");
  start();
  push(1);
  EXPECT_TRUE(end());
  EXPECT_EQ(farewell, 0s);
  EXPECT_EQ(spans.exported(), 1U);
}

TEST_F(ExporterTest, TriesAgainWhatMayPassAndTellsOnce) {
  client.reply(503);
  client.fail(base::Error(base::Errc::transient, "no route"));
  client.reply(200, "{}");
  start();
  push(2);
  ASSERT_TRUE(run_until([this] { return spans.exported() == 2; }));
  EXPECT_THAT(client.requests, SizeIs(3));
  EXPECT_THAT(log.lines, SizeIs(2));
  EXPECT_THAT(log.lines, Contains(HasSubstr("can't be exported to http://c:4318")));
  EXPECT_THAT(log.lines, Contains("spans are exported again"));
  EXPECT_TRUE(end());
  EXPECT_EQ(spans.dropped(), 0U);
}

TEST_F(ExporterTest, HeedsTheCollectorsOwnHint) {
  http::Headers hint;
  hint.set("Retry-After", "30");
  client.reply(429, "", hint);
  client.reply(200, "{}");
  start();
  push(1);
  ASSERT_TRUE(run_until([this] { return client.requests.size() == 1; }));
  auto const begun = time.steady();
  ASSERT_TRUE(run_until([this] { return client.requests.size() == 2; }));
  EXPECT_EQ(time.steady() - begun, 30s);
  EXPECT_TRUE(end());
}

TEST_F(ExporterTest, DropsWhatTheCollectorWillNeverTake) {
  client.reply(401);
  start();
  push(2);
  ASSERT_TRUE(run_until([this] { return spans.dropped() == 2; }));
  EXPECT_THAT(client.requests, SizeIs(1));
  EXPECT_TRUE(end());
  EXPECT_THAT(log.lines, Contains(HasSubstr("HTTP 401")));
  EXPECT_THAT(log.lines, Contains(HasSubstr("2 spans dropped")));
  for (auto const& line : log.lines) EXPECT_THAT(line, testing::Not(HasSubstr("s3cr3t")));
}

TEST_F(ExporterTest, GivesUpAfterAFewAttempts) {
  for (int i = 0; i < 5; ++i) client.reply(503);
  start();
  push(1);
  ASSERT_TRUE(run_until([this] { return spans.dropped() == 1; }));
  EXPECT_THAT(client.requests, SizeIs(5));
  EXPECT_TRUE(end());
}

TEST_F(ExporterTest, CountsWhatTheCollectorLeavesOut) {
  client.reply(200, R"({"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}})");
  start();
  push(3);
  EXPECT_TRUE(end());
  EXPECT_EQ(spans.exported(), 1U);
  EXPECT_EQ(spans.dropped(), 2U);
  EXPECT_THAT(log.lines, Contains(HasSubstr("too old")));
}

TEST_F(ExporterTest, DoesNotWaitAtTheEndForACollectorThatFails) {
  client.reply(503);
  start();
  push(2);
  EXPECT_TRUE(end());
  EXPECT_LE(farewell, Exporter::farewell);
  EXPECT_THAT(client.requests, SizeIs(1));
  EXPECT_LE(client.requests.front().timeouts.total, Exporter::farewell);
  EXPECT_EQ(spans.dropped(), 2U);
}

TEST(SpansTest, DropsAndCountsWhatHasNoRoom) {
  Spans spans(2);
  for (int i = 0; i < 5; ++i) spans.push(span("s"));
  EXPECT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans.dropped(), 3U);
  EXPECT_THAT(spans.take(10), SizeIs(2));
  EXPECT_EQ(spans.size(), 0U);
}

TEST(Otlp, WritesASpanAsThePageHasIt) {
  auto made = span("send q");
  made.kind = Kind::producer;
  made.parent = SpanId{3};
  made.attributes = {{"a", std::string("\xFF")}, {"n", std::int64_t{7}}};
  made.links = {{{4}, {5}, true}};
  made.error = "no";
  std::vector<Span> const spans{made};
  auto const json = nlohmann::json::parse(encode_export(spans, {{"service.name", "s"}}));
  auto const& resource = json["resourceSpans"][0];
  EXPECT_EQ(resource["resource"]["attributes"].dump(),
            R"([{"key":"service.name","value":{"stringValue":"s"}}])");
  auto const& found = resource["scopeSpans"][0]["spans"][0];
  EXPECT_EQ(found["traceId"], "01000000000000000000000000000000");
  EXPECT_EQ(found["spanId"], "0200000000000000");
  EXPECT_EQ(found["parentSpanId"], "0300000000000000");
  EXPECT_EQ(found["kind"], 4);
  EXPECT_EQ(found["startTimeUnixNano"], "1000000000");
  EXPECT_EQ(found["endTimeUnixNano"], "2000000000");
  EXPECT_EQ(found["attributes"][0]["value"]["stringValue"], "\xEF\xBF\xBD");
  EXPECT_EQ(found["attributes"][1]["value"]["intValue"], "7");
  EXPECT_EQ(found["links"][0]["spanId"], "0500000000000000");
  EXPECT_EQ(found["status"]["code"], 2);
  EXPECT_EQ(found["status"]["message"], "no");
}

TEST(Otlp, UnderstandsAnyAnswer) {
  EXPECT_EQ(decode_answer("").spans, 0U);
  EXPECT_EQ(decode_answer("{}").spans, 0U);
  EXPECT_EQ(decode_answer(R"({"partialSuccess":[]})").spans, 0U);
  EXPECT_EQ(decode_answer(R"({"partialSuccess":{"rejectedSpans":-1}})").spans, 0U);
  EXPECT_EQ(decode_answer(R"({"partialSuccess":{"rejectedSpans":3}})").spans, 3U);
}

}  // namespace
