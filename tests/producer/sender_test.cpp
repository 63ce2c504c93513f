#include "producer/sender.hpp"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <map>
#include <set>

#include "app/body.hpp"
#include "fakes/loop.hpp"
#include "producer/load/profile.hpp"

namespace {

using namespace std::chrono_literals;
using base::Errc;
using base::Error;

class SenderTest : public testing::Test {
 protected:
  void prepare(std::uint64_t end) {
    ledger_ = *producer::Ledger::open("", "a", "memory:q", false, end);
    run_.id = "a";
    run_.end = end;
    run_.ledger = ledger_.get();
    run_.start = world_.loop->clock().steady();
    if (run_.deadline == base::Steady()) run_.deadline = base::Steady::max();
    queue_ = world_.queue("q");
    sender_ = std::make_unique<producer::Sender>(*world_.loop, *queue_, run_, 0, 1);
  }
  void rate(double each) {
    run_.arrivals = std::make_shared<producer::Profile>(producer::Profile::constant(each));
  }
  void send() {
    bool done = false;
    boost::asio::co_spawn(world_.loop->io(), sender_->run(), [&done](std::exception_ptr thrown) {
      done = true;
      app::rethrow(thrown);
    });
    ASSERT_TRUE(world_.timeline->run(world_.loop->io(), [&done] { return done; }));
  }
  base::Result<void> probe() {
    std::optional<base::Result<void>> result;
    auto const asking = [this, &result]() -> boost::asio::awaitable<void> {
      result = co_await sender_->probe();
    };
    boost::asio::co_spawn(world_.loop->io(), asking(), app::rethrow);
    EXPECT_TRUE(world_.timeline->run(world_.loop->io(), [&result] { return result.has_value(); }));
    return result.value_or(Error(Errc::cancelled, "never answered"));
  }
  fakes::State& state() { return world_.cloud->state("q"); }
  std::vector<std::uint64_t> seqs() {
    std::vector<std::uint64_t> all;
    for (auto const& stored : state().messages) all.push_back(app::decode(stored.message.body)->seq);
    return all;
  }

  fakes::Loop world_;
  producer::Run run_;
  std::unique_ptr<producer::Ledger> ledger_;
  std::unique_ptr<storage::Queue> queue_;
  std::unique_ptr<producer::Sender> sender_;
};

TEST_F(SenderTest, SendsEveryNumberOnce) {
  prepare(1000);
  send();
  auto const all = seqs();
  EXPECT_EQ(all.size(), 1000U);
  EXPECT_EQ(std::set(all.begin(), all.end()).size(), 1000U);
  EXPECT_EQ(sender_->counts().sent, 1000U);
  EXPECT_EQ(ledger_->snapshot().acknowledged.size(), 1000U);
}

TEST_F(SenderTest, KeepsTheRateByTheClock) {
  rate(100);
  prepare(500);
  auto const start = world_.timeline->steady();
  send();
  auto const took = world_.timeline->steady() - start;
  EXPECT_GE(took, 4990ms);
  EXPECT_LE(took, 5000ms);
}

TEST_F(SenderTest, SendsNothingDueAtOrAfterTheDeadline) {
  rate(10);
  run_.deadline = world_.timeline->steady() + 2s;
  prepare(UINT64_MAX);
  send();
  EXPECT_EQ(state().messages.size(), 20U);
}

TEST_F(SenderTest, CountsAFailureAndGoesOn) {
  int calls = 0;
  state().fail_call = [&calls](std::string const& call) -> std::optional<Error> {
    if (call != "send" || ++calls != 2) return std::nullopt;
    return Error(Errc::transient, "planted");
  };
  run_.options.concurrency = 2;
  prepare(10);
  send();
  EXPECT_EQ(sender_->counts().failed, 1U);
  EXPECT_EQ(sender_->counts().sent, 9U);
  EXPECT_EQ(ledger_->snapshot().failed.size(), 1U);
}

TEST_F(SenderTest, CountsWhatTheServiceMayHaveTakenAsUnknown) {
  state().fail_call = [](std::string const& call) -> std::optional<Error> {
    if (call != "send") return std::nullopt;
    Error error(Errc::transient, "planted");
    error.maybe_applied = true;
    return error;
  };
  prepare(20);
  send();
  EXPECT_EQ(sender_->counts().unknown, 20U);
  EXPECT_EQ(sender_->counts().failed, 0U);
  EXPECT_TRUE(ledger_->snapshot().failed.empty());
  EXPECT_TRUE(ledger_->snapshot().acknowledged.empty());
}

TEST_F(SenderTest, GoesOnWhereTheServiceAnswersTheFirstMessageUnreadably) {
  int calls = 0;
  state().fail_call = [&calls](std::string const& call) -> std::optional<Error> {
    if (call != "send" || ++calls != 1) return std::nullopt;
    Error error(Errc::transient, "does not look like a queue");
    error.http_status = 201;
    error.maybe_applied = true;
    error.request_id = "7a2c";
    return error;
  };
  prepare(20);
  EXPECT_TRUE(probe());
  send();
  EXPECT_EQ(sender_->counts().unknown, 1U);
  EXPECT_EQ(sender_->counts().sent, 19U);
  EXPECT_EQ(ledger_->snapshot().acknowledged.size(), 19U);
}

TEST_F(SenderTest, SendsNothingToWhatAnswersInTheServicesPlace) {
  state().fail_call = [](std::string const& call) -> std::optional<Error> {
    if (call != "send") return std::nullopt;
    Error error(Errc::transient, "does not look like a queue");
    error.http_status = 200;
    error.maybe_applied = true;
    return error;
  };
  prepare(20);
  auto const answer = probe();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "does not look like a queue");
}

TEST_F(SenderTest, DoesNotTakeARefusalOfTheFirstMessageForAMaybe) {
  state().fail_call = [](std::string const& call) -> std::optional<Error> {
    if (call != "send") return std::nullopt;
    Error error(Errc::denied, "no");
    error.maybe_applied = true;  // by an earlier attempt
    error.request_id = "7a2c";
    return error;
  };
  prepare(20);
  EXPECT_FALSE(probe());
}

TEST_F(SenderTest, TellsAStallInLatencyAndNotInServiceTime) {
  // The service stands still for a second while a rate is kept: those that were due meanwhile waited for it.
  rate(100);
  run_.options.concurrency = 1;
  prepare(500);
  auto const stall_from = world_.timeline->steady() + 2s;
  state().takes = [&](std::string const&) -> std::chrono::nanoseconds {
    auto const now = world_.timeline->steady();
    bool const stalls = now >= stall_from && now < stall_from + 10ms;
    return stalls ? std::chrono::nanoseconds(1s) : std::chrono::nanoseconds(1ms);
  };
  send();
  auto const& counts = sender_->counts();
  EXPECT_EQ(counts.sent, 500U);
  EXPECT_GE(counts.latency.quantile(0.99), 900ms);
  EXPECT_LE(counts.service.quantile(0.99), 2ms);
  EXPECT_GE(counts.held_back, 99U);
}

TEST_F(SenderTest, CountsEveryMessageThatWasDueWhileAllPlacesWereTaken) {
  rate(100);
  run_.options.concurrency = 8;
  prepare(500);
  auto const from = world_.timeline->steady() + 2s;
  state().takes = [&](std::string const&) -> std::chrono::nanoseconds {
    auto const now = world_.timeline->steady();
    return now >= from && now < from + 1s ? std::chrono::nanoseconds(from + 1s - now) : 1ms;
  };
  send();
  // Eight are on their way; of the hundred due in that second the others waited.
  EXPECT_GE(sender_->counts().held_back, 90U);
  EXPECT_LE(sender_->counts().held_back, 96U);  // and a few while it was caught up
}

TEST_F(SenderTest, GivesUpOnABacklogSoonAfterTheDeadline) {
  rate(1000);
  run_.options.concurrency = 1;
  run_.deadline = world_.timeline->steady() + 5s;
  prepare(UINT64_MAX);
  state().takes = [](std::string const&) { return std::chrono::nanoseconds(100ms); };
  auto const start = world_.timeline->steady();
  send();
  EXPECT_LE(world_.timeline->steady() - start, 6200ms);
  EXPECT_GE(sender_->counts().started, 59U);
  EXPECT_LE(sender_->counts().started, 62U);
}

TEST_F(SenderTest, StopsWhenAsked) {
  rate(10);
  prepare(UINT64_MAX);
  bool done = false;
  boost::asio::co_spawn(world_.loop->io(), sender_->run(), [&done](std::exception_ptr thrown) {
    done = true;
    app::rethrow(thrown);
  });
  world_.timeline->run(world_.loop->io(), [this] { return state().messages.size() >= 5; });
  world_.loop->request_stop();
  ASSERT_TRUE(world_.timeline->run(world_.loop->io(), [&done] { return done; }, 1s));
  EXPECT_EQ(ledger_->snapshot().last, state().messages.size());
}

TEST_F(SenderTest, GivesFifoMessagesAGroupAndADeduplicationId) {
  world_.cloud->limits.fifo = true;
  prepare(40);
  send();
  std::set<std::string> groups;
  for (auto const& stored : state().messages) groups.insert(stored.message.group);
  EXPECT_EQ(groups.size(), 16U);
  auto const all = seqs();
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
}

TEST_F(SenderTest, NamesGroupsByTheGivenName) {
  world_.cloud->limits.fifo = true;
  run_.options.group_id = run_.options.payload.group_name = "payer";
  prepare(20);
  send();
  for (auto const& stored : state().messages) EXPECT_EQ(stored.message.group, "payer");
}

TEST_F(SenderTest, SpreadsSkewedGroupsOverAFifoQueue) {
  world_.cloud->limits.fifo = true;
  auto& payload = run_.options.payload;
  run_.options.group_id = payload.group_name = "payer";
  payload.grouped = true;
  payload.groups = 4;
  payload.skew.zipf = 2;
  prepare(400);
  send();
  std::map<std::string, int> groups;
  for (auto const& stored : state().messages) {
    ++groups[stored.message.group];
    EXPECT_EQ(app::decode(stored.message.body)->group, stored.message.group);
  }
  EXPECT_EQ(groups.size(), 4U);
  EXPECT_NEAR(groups["payer-0"], 400 / 1.4236, 30);
}

}  // namespace
