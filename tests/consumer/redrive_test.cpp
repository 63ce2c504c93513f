#include "consumer/redrive.hpp"

#include <gmock/gmock.h>

#include "app/row.hpp"
#include "fakes/loop.hpp"
#include "fakes/run.hpp"

namespace {

using namespace std::chrono_literals;
using base::Errc;
using base::Error;
using consumer::Redrive;

class RedriveTest : public testing::Test {
 protected:
  RedriveTest() : from_(world_.queue("q-poison")), to_(world_.queue("q")), table_(world_.table("t")) {}

  void put(std::string const& id, std::string body, std::string reason = "no good", std::string group = {}) {
    app::DeadLetter letter;
    letter.reason = std::move(reason);
    letter.receive_count = 5;
    letter.last = "2026-11-22 00:59:00.000000";
    letter.original_id = id;
    letter.queue = "memory:q";
    letter.body = std::move(body);
    put_text("letter-" + id, encode(letter), std::move(group));
  }
  void put_text(std::string id, std::string text, std::string group = {}) {
    fakes::State::Stored stored;
    stored.message.id = std::move(id);
    stored.message.body = std::move(text);
    stored.message.group = std::move(group);
    stored.message.receive_count = 0;
    stored.visible_at = world_.timeline->steady();
    dead().messages.push_back(stored);
  }
  void put_run(int count) {
    for (int i = 1; i <= count; ++i)
      put("id-" + std::to_string(i), R"({"msg":"m","run":"a","seq":)" + std::to_string(i) + '}');
  }
  base::Result<void> run(consumer::RedriveSettings settings = {}, bool with_table = true) {
    redrive_ = std::make_unique<Redrive>(*world_.loop, *from_, to_.get(), with_table ? table_.get() : nullptr,
                                         settings);
    std::optional<base::Result<void>> result;
    boost::asio::co_spawn(world_.loop->io(), redrive_->run(),
                          [&result](std::exception_ptr thrown, base::Result<void> ended) {
                            app::rethrow(thrown);
                            result = std::move(ended);
                          });
    EXPECT_TRUE(world_.timeline->run(world_.loop->io(), [&result] { return result.has_value(); }));
    return *result;
  }
  fakes::State& dead() { return world_.cloud->state("q-poison"); }
  fakes::State& queue() { return world_.cloud->state("q"); }
  fakes::State& table() { return world_.cloud->state("t"); }
  void expect_all_visible() {
    for (auto const& stored : dead().messages)
      EXPECT_LE(stored.visible_at, world_.timeline->steady()) << stored.message.id;
  }

  fakes::Loop world_;
  std::unique_ptr<storage::Queue> from_, to_;
  std::unique_ptr<storage::Table> table_;
  std::unique_ptr<Redrive> redrive_;
};

TEST_F(RedriveTest, MovesEveryLetterBackWithItsOriginalId) {
  put_run(25);
  put("id-x", "not JSON");
  ASSERT_TRUE(run());
  EXPECT_TRUE(dead().messages.empty());
  EXPECT_EQ(redrive_->moved(), 26U);
  ASSERT_EQ(queue().messages.size(), 26U);
  auto const first = app::original_of(queue().messages.front().message.body);
  EXPECT_EQ(first.id, "id-1");
  EXPECT_EQ(first.body, R"({"msg":"m","run":"a","seq":1})");
  auto const last = app::original_of(queue().messages.back().message.body);
  EXPECT_EQ(last.id, "id-x");
  EXPECT_EQ(last.body, "not JSON");
}

TEST_F(RedriveTest, SendsBeforeItRemoves) {
  put_run(3);
  queue().fail_call = [](std::string const& call) -> std::optional<Error> {
    if (call != "send") return std::nullopt;
    return Error(Errc::denied, "planted");
  };
  auto const result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::denied);
  EXPECT_EQ(dead().messages.size(), 3U);
  expect_all_visible();
}

TEST_F(RedriveTest, LeavesACopyTooManyWhereItCannotRemove) {
  put_run(3);
  bool failing = true;
  dead().fail_call = [&failing](std::string const& call) -> std::optional<Error> {
    if (call != "remove" || !failing) return std::nullopt;
    return Error(Errc::transient, "planted");
  };
  ASSERT_TRUE(run());
  EXPECT_EQ(queue().messages.size(), 3U);
  EXPECT_EQ(dead().messages.size(), 3U);
}

TEST_F(RedriveTest, StopsInTheMiddleAndLosesNothing) {
  put_run(40);
  int sends = 0;
  queue().takes = [](auto const&) { return 1ms; };
  queue().fail_call = [&](std::string const& call) -> std::optional<Error> {
    if (call == "send" && ++sends == 2) world_.loop->request_stop();
    return std::nullopt;
  };
  ASSERT_TRUE(run());
  EXPECT_EQ(queue().messages.size() + dead().messages.size(), 40U);
  EXPECT_FALSE(dead().messages.empty());
  expect_all_visible();
}

TEST_F(RedriveTest, MovesNoMoreThanTheLimit) {
  put_run(40);
  consumer::RedriveSettings settings;
  settings.limit = 13;
  ASSERT_TRUE(run(settings));
  EXPECT_EQ(queue().messages.size(), 13U);
  EXPECT_EQ(dead().messages.size(), 27U);
  expect_all_visible();
}

TEST_F(RedriveTest, MovesOnlyWhatTheFilterMeans) {
  put_run(30);
  put("id-x", "not JSON", "it is the wrong kind");
  for (char const* text : {"wrong kind", "reason=wrong", "id=id-x", "body=not JSON"}) {
    consumer::RedriveSettings settings;
    settings.filter = consumer::parse_letter_filter(text);
    settings.dry_run = true;
    ASSERT_TRUE(run(settings));
    ASSERT_EQ(redrive_->listed().size(), 1U) << text;
    EXPECT_EQ(redrive_->skipped(), 30U);
  }
  consumer::RedriveSettings settings;
  settings.filter = consumer::parse_letter_filter("run=a");
  ASSERT_TRUE(run(settings));
  EXPECT_EQ(redrive_->moved(), 30U);
  ASSERT_EQ(dead().messages.size(), 1U);
  expect_all_visible();
}

TEST_F(RedriveTest, ListsInADryRunAndChangesNothing) {
  put_run(25);
  consumer::RedriveSettings settings;
  settings.dry_run = true;
  ASSERT_TRUE(run(settings));
  ASSERT_EQ(redrive_->listed().size(), 25U);
  auto const& first = redrive_->listed().front();
  EXPECT_EQ(first.id, "id-1");
  EXPECT_EQ(first.reason, "no good");
  EXPECT_EQ(first.count, 5);
  EXPECT_EQ(first.run, "a");
  EXPECT_EQ(first.seq, 1U);
  ASSERT_TRUE(first.age.has_value());
  EXPECT_GT(*first.age, 0s);
  EXPECT_EQ(dead().messages.size(), 25U);
  EXPECT_TRUE(queue().messages.empty());
  EXPECT_TRUE(table().rows.empty());
  expect_all_visible();
}

TEST_F(RedriveTest, DoesNotMoveRoundAndRoundWhatDiesAgainAtOnce) {
  put_run(5);
  // A consumer that still can't: each copy is a dead letter again before the next look.
  queue().fail_call = [&](std::string const& call) -> std::optional<Error> {
    if (call == "send")
      for (int i = 1; i <= 5; ++i)
        put("id-" + std::to_string(i), R"({"msg":"m","run":"a","seq":)" + std::to_string(i) + '}');
    return std::nullopt;
  };
  dead().fail_call = [](auto const&) { return std::nullopt; };
  ASSERT_TRUE(run());
  EXPECT_EQ(redrive_->moved(), 5U);
  expect_all_visible();
}

TEST_F(RedriveTest, TellsTheAuditThatALetterIsNoneAnyMore) {
  put_run(1);
  ASSERT_TRUE(run());
  auto const row = table().rows.find({"dead-letter", "id-1"});
  ASSERT_NE(row, table().rows.end());
  EXPECT_TRUE(row->second.text("redriven").has_value());
}

TEST_F(RedriveTest, FindsTheReasonOfABareLetterInItsRow) {
  std::string const body = R"({"msg":"large"})";
  app::DeadLetter letter;
  letter.reason = "too large";
  letter.receive_count = 7;
  letter.original_id = "first-id";
  letter.body = body;
  auto row = app::dead_letter_row(letter, {}, "");
  row.key = app::dead_letter_body_key(body);
  table().rows[row.key] = row;
  put_text("new-id", body);
  consumer::RedriveSettings settings;
  settings.dry_run = true;
  ASSERT_TRUE(run(settings));
  ASSERT_EQ(redrive_->listed().size(), 1U);
  EXPECT_EQ(redrive_->listed().front().id, "first-id");
  EXPECT_EQ(redrive_->listed().front().reason, "too large");
  EXPECT_EQ(redrive_->listed().front().count, 7);
  ASSERT_TRUE(run());
  EXPECT_EQ(app::original_of(queue().messages.front().message.body).id, "first-id");
}

TEST_F(RedriveTest, TakesALetterThatTheServiceMovedByItsOwnId) {
  put_text("service-id", R"({"msg":"m"})");
  ASSERT_TRUE(run({}, false));
  auto const original = app::original_of(queue().messages.front().message.body);
  EXPECT_EQ(original.id, "service-id");
  EXPECT_EQ(original.body, R"({"msg":"m"})");
}

TEST_F(RedriveTest, MovesBytesThatAreNoTextAsTheyAre) {
  put_text("x", "\xff\xfe");
  ASSERT_TRUE(run());
  EXPECT_EQ(queue().messages.front().message.body, "\xff\xfe");
}

TEST_F(RedriveTest, KeepsTheOrderOfAGroup) {
  world_.cloud->limits.fifo = true;
  from_ = world_.queue("q-poison");
  to_ = world_.queue("q");
  for (int i = 1; i <= 25; ++i) put("id-" + std::to_string(i), "{\"n\":" + std::to_string(i) + "}", "r", "g");
  int sends = 0;
  queue().fail_call = [&sends](std::string const& call) -> std::optional<Error> {
    if (call != "send" || ++sends != 13) return std::nullopt;
    return Error(Errc::transient, "planted");
  };
  ASSERT_TRUE(run());
  // Nothing passed the one that could not be sent.
  ASSERT_EQ(queue().messages.size(), 12U);
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(app::original_of(queue().messages[i].message.body).id, "id-" + std::to_string(i + 1));
    EXPECT_EQ(queue().messages[i].message.group, "g");
  }
  EXPECT_EQ(dead().messages.size(), 13U);
  expect_all_visible();
  ASSERT_TRUE(run());
  EXPECT_EQ(queue().messages.size(), 25U);
}

}  // namespace
