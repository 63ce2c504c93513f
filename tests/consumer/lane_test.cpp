#include "consumer/lane.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>

#include "app/dead_letter.hpp"
#include "app/row.hpp"
#include "fakes/loop.hpp"

namespace {

using namespace std::chrono_literals;
using base::Errc;
using base::Error;
using consumer::Process;

// Does what the test says, on simulated time.
class Workers final : public consumer::Workers {
 public:
  using Work = std::function<consumer::Verdict(consumer::Job const&)>;
  Workers(base::Clock& clock, Work& work, std::chrono::nanoseconds& takes)
      : clock_(clock), work_(work), takes_(takes) {}
  boost::asio::awaitable<consumer::Verdict> work(consumer::Job job, std::stop_token stop) override {
    co_await clock_.sleep(takes_, stop);
    consumer::Verdict verdict;
    verdict.kind = consumer::Verdict::Kind::cancelled;
    if (stop.stop_requested()) co_return verdict;
    co_return work_(job);
  }
  boost::asio::awaitable<void> end(std::chrono::nanoseconds) override { co_return; }
  void kill() override {}

 private:
  base::Clock& clock_;
  Work& work_;
  std::chrono::nanoseconds& takes_;
};

class LaneTest : public testing::Test {
 protected:
  LaneTest() {
    shared_.settings.drain = true;
    shared_.settings.dead_letter = "memory:q-poison";
    shared_.settings.name = "test";
    shared_.queue_uri = "memory:q";
  }
  void put(std::string body) {
    fakes::State::Stored stored;
    stored.message.id = "id-" + std::to_string(queue().next_id++);
    stored.message.body = std::move(body);
    stored.message.receive_count = 0;
    stored.visible_at = world_.timeline->steady();
    queue().messages.push_back(stored);
  }
  void put_run(int count) {
    for (int i = 1; i <= count; ++i)
      put(R"({"msg":"m","srcStamp":"","run":"a","seq":)" + std::to_string(i) + '}');
  }
  void start() {
    lane_ = std::make_unique<consumer::Lane>(*world_.loop, world_.queue("q"), world_.table("t"), shared_, 0);
    boost::asio::co_spawn(world_.loop->io(), lane_->run(), [this](std::exception_ptr thrown) {
      ended_ = true;
      app::rethrow(thrown);
    });
  }
  template <class Done>
  bool until(Done done, std::chrono::nanoseconds limit = 24h) {
    return world_.timeline->run(world_.loop->io(), done, limit);
  }
  void run() {
    start();
    ASSERT_TRUE(until([this] { return ended_; }));
  }
  void put_group(std::string const& group, int first, int last) {
    for (int i = first; i <= last; ++i) {
      put(R"({"msg":"m","srcStamp":"","run":")" + group + R"(","seq":)" + std::to_string(i) + '}');
      queue().messages.back().message.group = group;
    }
  }
  void work_by(Workers::Work work, std::chrono::nanoseconds takes = 10ms) {
    work_ = std::move(work);
    takes_ = takes;
    shared_.workers = [this](app::Loop& loop, std::size_t) {
      return std::make_unique<Workers>(loop.clock(), work_, takes_);
    };
    shared_.settings.process.kind = Process::Kind::exec;
  }
  static consumer::Verdict verdict(consumer::Verdict::Kind kind, std::string text = {}) {
    consumer::Verdict made;
    made.kind = kind;
    made.text = std::move(text);
    return made;
  }

  fakes::State& queue() { return world_.cloud->state("q"); }
  fakes::State& table() { return world_.cloud->state("t"); }
  fakes::State& dead() { return world_.cloud->state("q-poison"); }

  fakes::Loop world_;
  consumer::Lane::Shared shared_;
  std::unique_ptr<consumer::Lane> lane_;
  Workers::Work work_;
  std::chrono::nanoseconds takes_{0};
  bool ended_ = false;
};

TEST_F(LaneTest, MakesEveryMessageARowAndRemovesIt) {
  put_run(100);
  run();
  EXPECT_EQ(table().rows.size(), 100U);
  EXPECT_TRUE(queue().messages.empty());
  EXPECT_EQ(lane_->counts().acknowledged, 100U);
}

TEST_F(LaneTest, RemovesNothingThatIsNotPersisted) {
  put_run(10);
  // The table is down for a while; the queue must keep everything meanwhile.
  int failures = 5;
  table().fail_call = [&](std::string const& call) -> std::optional<Error> {
    if (call != "upsert" || failures-- <= 0) return std::nullopt;
    EXPECT_EQ(queue().messages.size(), 10U);
    return Error(Errc::transient, "planted");
  };
  run();
  EXPECT_EQ(table().rows.size(), 10U);
  EXPECT_TRUE(queue().messages.empty());
  EXPECT_EQ(lane_->counts().dead_lettered, 0U);
}

TEST_F(LaneTest, DoesNotCondemnMessagesForTheTablesTrouble) {
  put_run(10);
  auto const up_at = world_.timeline->steady() + 30min;
  table().fail_call = [&](std::string const& call) -> std::optional<Error> {
    if (call != "upsert" || world_.timeline->steady() > up_at) return std::nullopt;
    return Error(Errc::throttled, "planted");
  };
  run();
  EXPECT_EQ(table().rows.size(), 10U);
  EXPECT_TRUE(dead().messages.empty());
  // Leases were renewed all along: nobody else was ever offered a message.
  EXPECT_EQ(lane_->counts().lease_lost, 0U);
  EXPECT_EQ(lane_->counts().received, 10U);
}

TEST_F(LaneTest, DeadLettersWhatFailsAtItsLastDelivery) {
  put("this is not JSON");
  put_run(3);
  run();
  EXPECT_EQ(table().rows.size(), 3U);
  EXPECT_TRUE(queue().messages.empty());
  ASSERT_EQ(dead().messages.size(), 1U);
  auto const letter = nlohmann::json::parse(dead().messages.front().message.body);
  EXPECT_EQ(letter["body"], "this is not JSON");
  EXPECT_EQ(letter["deadLetter"]["receiveCount"], 5);
  EXPECT_EQ(lane_->counts().abandoned, 4U);
  EXPECT_EQ(lane_->counts().dead_lettered, 1U);
}

TEST_F(LaneTest, KeepsAMessageWhoseDeadLetterIsRefused) {
  put("this is not JSON");
  dead().fail_call = [](std::string const& call) -> std::optional<Error> {
    if (call != "send") return std::nullopt;
    return Error(Errc::denied, "planted");
  };
  start();
  until([this] { return lane_->counts().abandoned >= 6; });
  EXPECT_EQ(queue().messages.size(), 1U);
  EXPECT_EQ(lane_->counts().dead_lettered, 0U);
  world_.loop->request_stop();
  ASSERT_TRUE(until([this] { return ended_; }));
}

TEST_F(LaneTest, DeadLettersARowThatTheTableRefusesForEver) {
  put_run(2);
  table().fail_row = [](storage::Entity const& row) -> std::optional<Error> {
    if (row.text("seq") != "1") return std::nullopt;
    return Error(Errc::too_large, "planted");
  };
  run();
  EXPECT_FALSE(table().rows.contains(app::key_of("a", 1)));
  EXPECT_TRUE(table().rows.contains(app::key_of("a", 2)));
  ASSERT_EQ(dead().messages.size(), 1U);
  EXPECT_THAT(dead().messages.front().message.body, testing::HasSubstr("planted"));
}

TEST_F(LaneTest, RenewsLeasesWhileWorkGoesOn) {
  put_run(3);
  shared_.settings.process = Process{Process::Kind::sleep, 10min};
  shared_.settings.lease = 10s;
  run();
  EXPECT_EQ(table().rows.size(), 3U);
  EXPECT_EQ(lane_->counts().received, 3U);
  EXPECT_EQ(lane_->counts().lease_lost, 0U);
  EXPECT_GT(std::count(queue().calls.begin(), queue().calls.end(), "extend"), 60);
}

TEST_F(LaneTest, WritesNothingForALeaseThatIsLost) {
  put_run(1);
  shared_.settings.process = Process{Process::Kind::sleep, 30s};
  shared_.settings.lease = 10s;
  start();
  until([this] { return lane_->counts().received == 1; });
  // Another consumer takes the message over.
  queue().messages.front().message.receipt = "somebody else's";
  queue().messages.front().visible_at = world_.timeline->steady() + 60s;
  until([this] { return lane_->counts().lease_lost == 1; }, 60s);
  EXPECT_EQ(lane_->counts().lease_lost, 1U);
  EXPECT_TRUE(table().rows.empty());
  world_.loop->request_stop();
  ASSERT_TRUE(until([this] { return ended_; }));
}

TEST_F(LaneTest, HandsBackAtTheEndOfTheGracePeriodWhatIsNotDone) {
  put_run(3);
  shared_.settings.drain = false;
  shared_.settings.process = Process{Process::Kind::sleep, 10h};
  start();
  until([this] { return lane_->counts().received == 3; });
  auto const asked = world_.timeline->steady();
  world_.loop->request_stop();
  ASSERT_TRUE(until([this] { return ended_; }));
  EXPECT_LE(world_.timeline->steady() - asked, 25s);
  EXPECT_EQ(lane_->counts().abandoned, 3U);
  EXPECT_EQ(lane_->still_held(), 0U);
  for (auto const& stored : queue().messages) EXPECT_LE(stored.visible_at, world_.timeline->steady());
}

TEST_F(LaneTest, FinishesWithinTheGracePeriodWhatCanBeDone) {
  put_run(3);
  shared_.settings.drain = false;
  shared_.settings.process = Process{Process::Kind::sleep, 5s};
  start();
  until([this] { return lane_->counts().received == 3; });
  world_.loop->request_stop();
  ASSERT_TRUE(until([this] { return ended_; }));
  EXPECT_EQ(table().rows.size(), 3U);
  EXPECT_EQ(lane_->counts().abandoned, 0U);
}

TEST_F(LaneTest, TakesNoMoreThanCountMessages) {
  put_run(50);
  shared_.settings.drain = false;
  shared_.settings.count = 13;
  run();
  EXPECT_EQ(lane_->counts().received, 13U);
  EXPECT_EQ(table().rows.size(), 13U);
  EXPECT_EQ(queue().messages.size(), 37U);
}

TEST_F(LaneTest, HoldsNoMoreThanItsConcurrency) {
  put_run(200);
  shared_.settings.concurrency = 7;
  shared_.settings.process = Process{Process::Kind::sleep, 1s};
  start();
  std::size_t most = 0;
  ASSERT_TRUE(until([&] {
    most = std::max(most, lane_->still_held());
    return ended_;
  }));
  EXPECT_LE(most, 7U);
  EXPECT_EQ(table().rows.size(), 200U);
}

TEST_F(LaneTest, WaitsForADelayedMessageBeforeItIsDrained) {
  put_run(1);
  queue().messages.front().visible_at += 45s;
  run();
  EXPECT_EQ(table().rows.size(), 1U);
}

TEST_F(LaneTest, EndsWhereTheQueueCannotBeReadAtAll) {
  queue().fail_call = [](std::string const& call) -> std::optional<Error> {
    if (call != "receive") return std::nullopt;
    return Error(Errc::denied, "planted");
  };
  run();
  ASSERT_TRUE(lane_->fatal().has_value());
  EXPECT_EQ(lane_->fatal()->code, Errc::denied);
}

TEST_F(LaneTest, GoesOnAfterTheQueueWasGoneForAWhile) {
  put_run(20);
  int calls = 0;
  queue().fail_call = [&calls](std::string const& call) -> std::optional<Error> {
    if (call != "receive" || ++calls < 2 || calls > 8) return std::nullopt;
    return Error(Errc::transient, "planted");
  };
  run();
  EXPECT_EQ(table().rows.size(), 20U);
  EXPECT_FALSE(lane_->fatal().has_value());
}

TEST_F(LaneTest, EndsAndHandsBackWhereTheTableCannotBeWrittenAtAll) {
  put_run(5);
  table().fail_call = [](std::string const& call) -> std::optional<Error> {
    if (call != "upsert") return std::nullopt;
    return Error(Errc::absent, "planted");
  };
  run();
  ASSERT_TRUE(lane_->fatal().has_value());
  EXPECT_EQ(queue().messages.size(), 5U);
  for (auto const& stored : queue().messages) EXPECT_LE(stored.visible_at, world_.timeline->steady());
}

TEST_F(LaneTest, WritesTheSameRowForARedelivery) {
  put_run(1);
  auto copy = queue().messages.front();
  copy.message.id = "another";
  queue().messages.push_back(copy);
  run();
  EXPECT_EQ(table().rows.size(), 1U);
  EXPECT_EQ(table().rows.begin()->first, app::key_of("a", 1));
}

TEST_F(LaneTest, AcknowledgesAgainWhatCouldNotBeAcknowledged) {
  put_run(10);
  int failures = 3;
  queue().fail_call = [&failures](std::string const& call) -> std::optional<Error> {
    if (call != "remove" || failures-- <= 0) return std::nullopt;
    return Error(Errc::transient, "planted");
  };
  run();
  EXPECT_EQ(lane_->counts().acknowledged, 10U);
  EXPECT_TRUE(queue().messages.empty());
  EXPECT_EQ(lane_->counts().received, 10U);
}

TEST_F(LaneTest, DropsALostMessageOnlyWhenNoRenewalRefersToIt) {
  put_run(5);
  shared_.settings.drain = false;
  shared_.settings.lease = 10s;
  // The network is gone: renewals hang for longer than the lease, and rows can't be written.
  queue().takes = [](std::string const& call) { return call == "extend" ? 60s : 0s; };
  table().fail_call = [](std::string const& call) -> std::optional<Error> {
    if (call != "upsert") return std::nullopt;
    return Error(Errc::transient, "planted");
  };
  start();
  until([this] { return lane_->counts().lease_lost >= 5; }, 10min);
  EXPECT_GE(lane_->counts().lease_lost, 5U);
  EXPECT_TRUE(table().rows.empty());
  EXPECT_EQ(queue().messages.size(), 5U);
  world_.loop->request_stop();
  ASSERT_TRUE(until([this] { return ended_; }));
}

TEST_F(LaneTest, BeginsTheGracePeriodWithTheSignalAlsoInTheMiddleOfAReceive) {
  put_run(3);
  shared_.settings.drain = false;
  shared_.settings.process = Process{Process::Kind::sleep, 10h};
  start();
  until([this] { return lane_->counts().received == 3; });
  queue().takes = [](std::string const& call) { return call == "receive" ? 15s : 0s; };
  until([this] { return std::count(queue().calls.begin(), queue().calls.end(), "receive") >= 3; }, 60s);
  auto const asked = world_.timeline->steady();
  world_.loop->request_stop();
  ASSERT_TRUE(until([this] { return ended_; }));
  EXPECT_LE(world_.timeline->steady() - asked, 25s);
  EXPECT_EQ(lane_->counts().abandoned, 3U);
}

TEST_F(LaneTest, EndsWhenTheGracePeriodIsOverWhateverHangs) {
  put_run(3);
  shared_.settings.drain = false;
  table().takes = [](std::string const& call) { return call == "upsert" ? 10h : 0h; };
  start();
  until([this] { return lane_->counts().received == 3; });
  auto const asked = world_.timeline->steady();
  world_.loop->request_stop();
  ASSERT_TRUE(until([this] { return ended_; }, 1h));
  EXPECT_LE(world_.timeline->steady() - asked, 26s);
  EXPECT_TRUE(lane_->cut_short());
  EXPECT_EQ(queue().messages.size(), 3U);
}

TEST_F(LaneTest, KeepsToTheGracePeriodAlsoAfterCountIsReached) {
  put_run(3);
  shared_.settings.drain = false;
  shared_.settings.count = 3;
  shared_.settings.process = Process{Process::Kind::sleep, 10h};
  start();
  until([this] { return lane_->counts().received == 3; });
  auto const asked = world_.timeline->steady();
  world_.loop->request_stop();
  ASSERT_TRUE(until([this] { return ended_; }));
  EXPECT_LE(world_.timeline->steady() - asked, 25s);
  EXPECT_EQ(lane_->counts().abandoned, 3U);
}

TEST_F(LaneTest, MovesADeadLetterUnchangedWhoseBytesAreNoText) {
  std::string const bytes = "\xff\xfe not UTF-8";
  put(bytes);
  run();
  ASSERT_EQ(dead().messages.size(), 1U);
  EXPECT_EQ(dead().messages.front().message.body, bytes);
  ASSERT_EQ(table().rows.size(), 2U);  // by its id, and by its text
  EXPECT_EQ(table().rows.begin()->first.partition, "dead-letter");
  EXPECT_EQ(table().rows.begin()->second.text("reason"), "the message is not a JSON object");
}

TEST_F(LaneTest, NeverHoldsMoreThanItsConcurrencyWithSeveralReceivers) {
  put_run(500);
  shared_.settings.concurrency = 40;  // four receivers of ten
  shared_.settings.process = Process{Process::Kind::sleep, 1s};
  queue().takes = [](std::string const& call) { return call == "receive" ? 30ms : 0ms; };
  start();
  std::size_t most = 0;
  ASSERT_TRUE(until([&] {
    most = std::max(most, lane_->still_held());
    return ended_;
  }));
  EXPECT_LE(most, 40U);
  EXPECT_GT(most, 10U);
  EXPECT_EQ(table().rows.size(), 500U);
}

TEST_F(LaneTest, FillsItsPlacesHoweverLongAReceiveTakes) {
  put_run(600);
  shared_.settings.concurrency = 200;  // twenty receivers of ten
  shared_.settings.process = Process{Process::Kind::sleep, 1s};
  queue().takes = [](std::string const& call) { return call == "receive" ? 300ms : 0ms; };
  start();
  std::size_t most = 0;
  ASSERT_TRUE(until([&] {
    most = std::max(most, lane_->still_held());
    return ended_;
  }));
  EXPECT_EQ(most, 200U);
  EXPECT_EQ(table().rows.size(), 600U);
}

TEST_F(LaneTest, WritesSideBySideWhatItsPlacesHold) {
  put_run(1200);
  shared_.settings.concurrency = 1000;  // ten batches
  int begun = 0;
  table().takes = [&begun](std::string const& call) { return call == "upsert" ? ++begun, 10s : 0s; };
  start();
  ASSERT_TRUE(until([&] { return begun == 10; }, 5s));
  ASSERT_TRUE(until([&] { return ended_; }));
  EXPECT_EQ(table().rows.size(), 1200U);
}

TEST_F(LaneTest, AsksTheOtherLanesToEndWhenNothingWorks) {
  bool asked = false;
  shared_.stop_all = [&asked] { asked = true; };
  queue().fail_call = [](std::string const& call) -> std::optional<Error> {
    if (call != "receive") return std::nullopt;
    return Error(Errc::absent, "planted");
  };
  run();
  EXPECT_TRUE(asked);
}

TEST_F(LaneTest, DoesNotWaitForEverForAQueueThatWasDeletedWhileItDrains) {
  put_run(10);
  queue().fail_call = [this](std::string const& call) -> std::optional<Error> {
    if (call == "open" || queue().calls.size() < 4) return std::nullopt;
    return Error(Errc::absent, "planted");
  };
  run();
  EXPECT_TRUE(lane_->fatal().has_value());
}

TEST_F(LaneTest, LeavesWhatWasReceivedOftenToTheQueuesOwnRedrivePolicy) {
  put_run(1);
  queue().messages.front().message.receive_count = 40;
  world_.cloud->limits.redrives = true;
  run();
  EXPECT_EQ(table().rows.size(), 1U);
}

TEST_F(LaneTest, GivesUpOnArrivalWhatSeemsToEndConsumers) {
  put_run(1);
  queue().messages.front().message.receive_count = 15;
  run();
  ASSERT_EQ(table().rows.size(), 1U);  // the dead letter's own, for the audit
  EXPECT_EQ(table().rows.begin()->first.partition, "dead-letter");
  EXPECT_EQ(dead().messages.size(), 1U);
}

TEST_F(LaneTest, SeesTwiceThatAQueueWithLaggingCountsIsEmpty) {
  world_.cloud->limits.long_poll = true;
  queue().exact = false;
  put_run(1);
  run();
  EXPECT_EQ(table().rows.size(), 1U);
  EXPECT_EQ(std::count(queue().calls.begin(), queue().calls.end(), "depth"), 2);
}

TEST_F(LaneTest, WritesAWorkersResultBesideTheMessage) {
  put_run(1);
  work_by([](consumer::Job const& job) {
    EXPECT_EQ(job.id, "id-1");
    EXPECT_EQ(job.run, "a");
    EXPECT_EQ(job.seq, 1U);
    return verdict(consumer::Verdict::Kind::done, "{\"x\":1}");
  });
  run();
  ASSERT_EQ(table().rows.size(), 1U);
  EXPECT_EQ(table().rows.begin()->second.text("result"), "{\"x\":1}");
}

TEST_F(LaneTest, DeadLettersAtOnceWhatAWorkerRefuses) {
  put_run(2);
  work_by([](consumer::Job const& job) {
    return job.seq == 1 ? verdict(consumer::Verdict::Kind::refused, "no good")
                        : verdict(consumer::Verdict::Kind::done);
  });
  run();
  ASSERT_EQ(dead().messages.size(), 1U);
  auto const letter = app::decode_dead_letter(dead().messages.front().message.body);
  EXPECT_EQ(letter->reason, "no good");
  EXPECT_EQ(letter->receive_count, 1);
  EXPECT_EQ(lane_->counts().abandoned, 0U);
  // Its row tells an audit where it is, and is nobody's message.
  auto const row = table().rows.find({"dead-letter", "id-1"});
  ASSERT_NE(row, table().rows.end());
  EXPECT_EQ(row->second.text("letterRun"), "a");
  EXPECT_EQ(row->second.text("letterSeq"), "1");
}

TEST_F(LaneTest, DropsTheAnswerForAMessageWhoseLeaseIsLost) {
  put_run(1);
  shared_.settings.lease = 10s;
  work_by([](consumer::Job const&) { return verdict(consumer::Verdict::Kind::done); }, 30s);
  start();
  until([this] { return lane_->counts().received == 1; });
  queue().messages.front().message.receipt = "somebody else's";
  queue().messages.front().visible_at = world_.timeline->steady() + 60s;
  until([this] { return lane_->counts().lease_lost == 1; }, 60s);
  EXPECT_TRUE(table().rows.empty());
  world_.loop->request_stop();
  ASSERT_TRUE(until([this] { return ended_; }));
}

TEST_F(LaneTest, SendsOneLetterHoweverOftenTheTableRefusesItsRow) {
  put_run(1);
  work_by([](consumer::Job const&) { return verdict(consumer::Verdict::Kind::refused, "no good"); });
  int failures = 20;
  table().fail_call = [&failures](std::string const& call) -> std::optional<Error> {
    if (call != "upsert" || failures-- <= 0) return std::nullopt;
    return Error(Errc::throttled, "planted");
  };
  run();
  EXPECT_EQ(dead().messages.size(), 1U);
  EXPECT_EQ(table().rows.size(), 1U);
  EXPECT_TRUE(queue().messages.empty());
  EXPECT_EQ(lane_->counts().received, 1U);
}

TEST_F(LaneTest, KeepsTheOriginalIdOfWhatWasMovedBack) {
  app::DeadLetter letter;
  letter.original_id = "first-id";
  letter.body = R"({"msg":"foreign"})";
  put(app::with_original(letter));
  letter.original_id = "other-id";
  letter.body = "not JSON";
  put(app::with_original(letter));
  run();
  ASSERT_EQ(table().rows.size(), 1U);
  EXPECT_EQ(table().rows.begin()->first, app::key_of_id("first-id"));
  EXPECT_EQ(table().rows.begin()->second.text("data"), "foreign");
  ASSERT_EQ(dead().messages.size(), 1U);
  auto const again = app::decode_dead_letter(dead().messages.front().message.body);
  EXPECT_EQ(again->original_id, "other-id");
  EXPECT_EQ(again->body, "not JSON");
}

TEST_F(LaneTest, AsksAnEmptyQueueSeldomAndSnapsBackWithAMessage) {
  shared_.settings.drain = false;
  start();
  auto const receives = [this] { return std::count(queue().calls.begin(), queue().calls.end(), "receive"); };
  auto const later = [this](std::chrono::nanoseconds by) {
    auto const then = world_.timeline->steady() + by;
    until([this, then] { return world_.timeline->steady() >= then; });
  };
  later(1min);
  auto const before = receives();
  later(10min);
  EXPECT_LE(receives() - before, 125);  // one in five seconds
  EXPECT_GE(receives() - before, 60);
  put_run(1);
  later(6s);
  EXPECT_EQ(table().rows.size(), 1U);
  put_run(1);
  until([this] { return queue().messages.empty(); });
  auto const after = receives();
  later(1s);
  EXPECT_GE(receives() - after, 3);
  world_.loop->request_stop();
  ASSERT_TRUE(until([this] { return ended_; }));
}

class FifoLaneTest : public LaneTest {
 protected:
  FifoLaneTest() { world_.cloud->limits.fifo = true; }
  std::map<std::string, std::vector<std::uint64_t>> done_;
};

TEST_F(FifoLaneTest, WorksOnAGroupInItsOrderAndOnGroupsSideBySide) {
  put_group("a", 1, 20);
  put_group("b", 1, 20);
  std::map<std::string, base::Steady> last;
  work_by(
      [&](consumer::Job const& job) {
        done_[job.group].push_back(job.seq);
        last[job.group] = world_.timeline->steady();
        return verdict(consumer::Verdict::Kind::done);
      },
      1s);
  auto const begun = world_.timeline->steady();
  run();
  for (auto const& [group, seqs] : done_) {
    EXPECT_EQ(seqs.size(), 20U) << group;
    EXPECT_TRUE(std::is_sorted(seqs.begin(), seqs.end())) << group;
  }
  EXPECT_EQ(table().rows.size(), 40U);
  EXPECT_LT(last["b"] - begun, 30s);  // beside "a", not behind it
}

TEST_F(FifoLaneTest, HandsBackTheRestOfAGroupAfterAFailure) {
  put_group("a", 1, 8);
  int failures = 3;
  work_by([&](consumer::Job const& job) {
    if (job.seq == 3 && failures-- > 0) return verdict(consumer::Verdict::Kind::failed, "not yet");
    done_[job.group].push_back(job.seq);
    return verdict(consumer::Verdict::Kind::done);
  });
  run();
  EXPECT_THAT(done_["a"], testing::ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
  EXPECT_EQ(lane_->counts().abandoned, 3U * 6U);  // the failed one and the five behind it, each time
  EXPECT_TRUE(dead().messages.empty());
}

TEST_F(FifoLaneTest, GoesOnBehindADeadLetter) {
  put_group("a", 1, 5);
  work_by([&](consumer::Job const& job) {
    if (job.seq == 2) return verdict(consumer::Verdict::Kind::refused, "never");
    done_[job.group].push_back(job.seq);
    return verdict(consumer::Verdict::Kind::done);
  });
  run();
  EXPECT_THAT(done_["a"], testing::ElementsAre(1, 3, 4, 5));
  ASSERT_EQ(dead().messages.size(), 1U);
  EXPECT_EQ(dead().messages.front().message.group, "a");
  EXPECT_EQ(lane_->counts().abandoned, 0U);
}

TEST_F(FifoLaneTest, WritesRowsInOrderAlsoWhileTheTableFails) {
  put_group("a", 1, 10);
  work_by([](consumer::Job const&) { return verdict(consumer::Verdict::Kind::done); });
  int calls = 0;
  std::vector<std::string> written;
  table().fail_row = [&](storage::Entity const& row) -> std::optional<Error> {
    if (++calls % 3 == 0) return Error(Errc::transient, "planted");
    written.push_back(*row.text("seq"));
    return std::nullopt;
  };
  run();
  EXPECT_THAT(written, testing::ElementsAre("1", "2", "3", "4", "5", "6", "7", "8", "9", "10"));
}

TEST_F(FifoLaneTest, HandsBackWholeGroupsAtTheEndOfTheGracePeriod) {
  put_group("a", 1, 5);
  put_group("b", 1, 5);
  shared_.settings.drain = false;
  work_by([](consumer::Job const&) { return verdict(consumer::Verdict::Kind::done); }, 10h);
  start();
  until([this] { return lane_->counts().received == 10; });
  auto const asked = world_.timeline->steady();
  world_.loop->request_stop();
  ASSERT_TRUE(until([this] { return ended_; }));
  EXPECT_LE(world_.timeline->steady() - asked, 25s);
  EXPECT_EQ(lane_->counts().abandoned, 10U);
  for (auto const& stored : queue().messages) EXPECT_LE(stored.visible_at, world_.timeline->steady());
}

TEST_F(FifoLaneTest, GivesUpTheRestOfAGroupWithALostLease) {
  put_group("a", 1, 4);
  shared_.settings.drain = false;
  shared_.settings.lease = 10s;
  work_by(
      [&](consumer::Job const& job) {
        done_[job.group].push_back(job.seq);
        return verdict(consumer::Verdict::Kind::done);
      },
      30s);
  start();
  until([this] { return lane_->counts().received == 4; });
  queue().messages.front().message.receipt = "somebody else's";
  queue().messages.front().visible_at = world_.timeline->steady() + 1h;
  until([this] { return lane_->counts().abandoned == 3; }, 60s);
  EXPECT_EQ(lane_->counts().lease_lost, 1U);
  EXPECT_EQ(lane_->counts().abandoned, 3U);
  EXPECT_TRUE(done_.empty());
  world_.loop->request_stop();
  ASSERT_TRUE(until([this] { return ended_; }));
}

}  // namespace
