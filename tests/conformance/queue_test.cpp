#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "conformance/backend.hpp"
#include "fakes/run.hpp"

using conformance::eventually;
using storage::Errc;
using storage::Message;
using storage::Outgoing;
using storage::Receive;
using storage::Rejected;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAreArray;
using namespace std::chrono_literals;

namespace {

// One message on FIFO queues, where only messages of different groups can be held side by side.
Outgoing outgoing(std::string body) {
  static int count = 0;
  Outgoing message;
  message.body = std::move(body);
  message.group = "group-" + std::to_string(++count);
  message.deduplication_id = conformance::fresh_name();
  return message;
}

std::vector<Outgoing> numbered(int count) {
  std::vector<Outgoing> messages;
  for (int i = 0; i < count; ++i) messages.push_back(outgoing("{\"seq\":" + std::to_string(i) + "}"));
  return messages;
}

std::vector<std::string> bodies_of(std::vector<Outgoing> const& messages) {
  std::vector<std::string> bodies;
  for (auto const& message : messages) bodies.push_back(message.body);
  return bodies;
}

std::vector<std::string> bodies_of(std::vector<Message> const& messages) {
  std::vector<std::string> bodies;
  for (auto const& message : messages) bodies.push_back(message.body);
  return bodies;
}

class Queues : public testing::TestWithParam<conformance::Case> {
 protected:
  void SetUp() override {
    try {
      backend_ = GetParam().make(loop_);
    } catch (std::exception const& lacking) {
      FAIL() << lacking.what();
    }
    queue_ = opened();
  }

  // One more object for the same queue, as another process would have.
  std::unique_ptr<storage::Queue> opened() {
    auto queue = backend_->queue(name_);
    auto const made = fakes::run(loop_, queue->open(true));
    if (!made) ADD_FAILURE() << describe(made.error());
    return queue;
  }

  // The reply of a batch call: the call as a whole must have succeeded.
  static std::vector<Rejected> items(storage::Result<std::vector<Rejected>> reply) {
    if (reply) return std::move(*reply);
    ADD_FAILURE() << describe(reply.error());
    return {};
  }

  std::vector<Rejected> send(std::vector<Outgoing> const& messages) {
    return items(fakes::run(loop_, queue_->send(messages)));
  }
  void send(std::string body) {
    for (auto const& rejected : send(std::vector{outgoing(std::move(body))}))
      ADD_FAILURE() << describe(rejected.error);
  }
  std::vector<Message> receive_once(int at_most = 10, std::chrono::seconds lease = 60s,
                                    std::chrono::milliseconds wait = 0ms) {
    Receive options;
    options.at_most = at_most;
    options.lease = lease;
    options.wait = wait;
    auto reply = fakes::run(loop_, queue_->receive(options));
    if (reply) return std::move(*reply);
    ADD_FAILURE() << describe(reply.error());
    return {};
  }
  // Receives until there are `count` messages or nothing has come for long.
  std::vector<Message> receive(std::size_t count, std::chrono::seconds lease = 60s) {
    std::vector<Message> all;
    eventually([&] {
      for (auto& message : receive_once(10, lease)) all.push_back(std::move(message));
      return all.size() >= count;
    });
    EXPECT_THAT(all, SizeIs(count)) << "received within the limit of time";
    return all;
  }
  std::optional<Message> receive_one(std::chrono::seconds lease = 60s) {
    auto all = receive(1, lease);
    if (all.size() != 1) return std::nullopt;
    return std::move(all.front());
  }
  std::vector<Rejected> remove(std::vector<Message> const& messages) {
    return items(fakes::run(loop_, queue_->remove(messages)));
  }
  std::vector<Rejected> extend(Message& message, std::chrono::seconds lease) {
    return items(fakes::run(loop_, queue_->extend(std::span(&message, 1), lease)));
  }
  std::vector<Rejected> release(Message& message, std::chrono::seconds delay) {
    return items(fakes::run(loop_, queue_->release(std::span(&message, 1), delay)));
  }
  storage::Depth depth() {
    auto reply = fakes::run(loop_, queue_->depth());
    if (reply) return *reply;
    ADD_FAILURE() << describe(reply.error());
    return {};
  }
  std::chrono::seconds shortest_lease() { return std::max(1s, queue_->limits().min_lease); }

  boost::asio::io_context loop_;
  std::string name_ = conformance::fresh_name();
  std::unique_ptr<conformance::Backend> backend_;
  std::unique_ptr<storage::Queue> queue_;
};

#define ASSERT_ONE(message) ASSERT_TRUE(message.has_value())

}  // namespace

TEST_P(Queues, DeliverWhatWasSentAndForgetItOnceRemoved) {
  send("{\"seq\":1}");
  auto const before = std::chrono::steady_clock::now();
  auto const message = receive_one(60s);
  ASSERT_ONE(message);
  EXPECT_EQ(message->body, "{\"seq\":1}");
  EXPECT_FALSE(message->id.empty());
  EXPECT_FALSE(message->receipt.empty());
  EXPECT_EQ(message->receive_count, 1);
  EXPECT_GT(message->lease_until, before + 30s);
  EXPECT_LE(message->lease_until, std::chrono::steady_clock::now() + 60s);
  EXPECT_THAT(remove({*message}), IsEmpty());
  EXPECT_TRUE(eventually([&] { return depth().total() == 0; }));
  EXPECT_THAT(receive_once(), IsEmpty());
}

TEST_P(Queues, CarryEveryBodyByteForByte) {
  std::vector<std::string> const bodies = {
      "plain",
      "{\"msg\": \"Scale Test Message : COUNT 1\", \"srcStamp\": \"2024-01-01 00:00:00.000001\"}",
      "quotes \" ' ` and \\ backslashes",
      "<a href=\"x\">&amp; & &#13; ]]> <![CDATA[ </QueueMessage>",
      "lines\nthat\r\nend\rin\n\r\nall ways",
      "tab\tand trailing spaces   ",
      "  leading spaces",
      "percent %41 %% plus + slash / hash # question ?",
      "Grüße, Κόσμε, 世界, \xF0\x9F\x9A\x80, e\xCC\x81, \xEF\xBF\xBD",
      "null true 0",
      "YWJj",  // reads as base64, and is not meant so
  };
  std::vector<Outgoing> messages;
  for (auto const& body : bodies) messages.push_back(outgoing(body));
  EXPECT_THAT(send(messages), IsEmpty());
  auto const received = receive(bodies.size());
  EXPECT_THAT(bodies_of(received), UnorderedElementsAreArray(bodies));
  EXPECT_THAT(remove(received), IsEmpty());
}

TEST_P(Queues, EitherRefuseAnEmptyBodyOrDeliverIt) {
  auto const rejected = send({outgoing("")});
  if (rejected.empty()) {
    auto const message = receive_one();
    ASSERT_ONE(message);
    EXPECT_EQ(message->body, "");
    return;
  }
  EXPECT_EQ(rejected.front().error.code, Errc::invalid);
  EXPECT_FALSE(rejected.front().error.message.empty());
}

TEST_P(Queues, TakeABodyAtTheLimitAndRefuseOneByteMoreWithoutHarmToOthers) {
  auto const limit = queue_->limits().body;
  ASSERT_GT(limit, 0u);
  std::string const largest(limit, 'x');
  std::vector<Outgoing> const messages = {outgoing("first"), outgoing(largest + 'y'), outgoing(largest),
                                          outgoing("last")};
  auto const rejected = send(messages);
  ASSERT_THAT(rejected, SizeIs(1));
  EXPECT_EQ(rejected[0].index, 1u);
  EXPECT_EQ(rejected[0].error.code, Errc::too_large) << describe(rejected[0].error);
  auto const received = receive(3);
  EXPECT_THAT(bodies_of(received),
              UnorderedElementsAreArray({std::string("first"), largest, std::string("last")}));
  EXPECT_THAT(remove(received), IsEmpty());
}

TEST_P(Queues, RefuseCharactersThatTheWireCannotCarryAndCarryAllOthers) {
  std::vector<std::string> const unfit = {"nul \x01", "escape \x1B[0m", "not a character \xEF\xBF\xBE"};
  std::vector<Outgoing> messages;
  for (auto const& body : unfit) messages.push_back(outgoing(body));
  messages.push_back(outgoing("fit"));
  auto const rejected = send(messages);
  if (queue_->limits().xml_text) {
    ASSERT_THAT(rejected, SizeIs(3));
    for (auto const& item : rejected) {
      EXPECT_LT(item.index, 3u);
      EXPECT_EQ(item.error.code, Errc::invalid) << describe(item.error);
    }
    EXPECT_THAT(bodies_of(receive(1)), testing::ElementsAre("fit"));
  } else {
    EXPECT_THAT(rejected, IsEmpty());
    EXPECT_THAT(bodies_of(receive(4)), UnorderedElementsAreArray(bodies_of(messages)));
  }
}

TEST_P(Queues, TakeManyMoreMessagesInOneCallThanOneRequestHolds) {
  auto const messages = numbered(103);
  EXPECT_THAT(send(messages), IsEmpty());
  auto const received = receive(messages.size());
  EXPECT_THAT(bodies_of(received), UnorderedElementsAreArray(bodies_of(messages)));
  std::set<std::string> ids;
  for (auto const& message : received) ids.insert(message.id);
  EXPECT_THAT(ids, SizeIs(messages.size()));
  EXPECT_THAT(remove(received), IsEmpty()) << "removing is cut into requests as well";
  EXPECT_TRUE(eventually([&] { return depth().total() == 0; }));
}

TEST_P(Queues, TakeAnEmptyBatch) {
  EXPECT_THAT(send(std::vector<Outgoing>()), IsEmpty());
  EXPECT_THAT(remove({}), IsEmpty());
}

TEST_P(Queues, ReceiveAtMostWhatWasAskedFor) {
  EXPECT_THAT(send(numbered(5)), IsEmpty());
  EXPECT_TRUE(eventually([&] { return depth().total() == 5; }));
  std::size_t seen = 0;
  EXPECT_TRUE(eventually([&] {
    auto const received = receive_once(2);
    EXPECT_LE(received.size(), 2u);
    seen += received.size();
    return seen == 5;
  }));
}

TEST_P(Queues, TakeMoreThanTheLimitOfOneReceiveAsTheLimit) {
  EXPECT_THAT(send(numbered(3)), IsEmpty());
  std::size_t seen = 0;
  EXPECT_TRUE(eventually([&] {
    seen += receive_once(1'000'000).size();
    return seen == 3;
  }));
}

TEST_P(Queues, GiveNothingWhenEmpty) { EXPECT_THAT(receive_once(), IsEmpty()); }

TEST_P(Queues, WaitForAMessageNoLongerThanAskedFor) {
  auto const before = std::chrono::steady_clock::now();
  EXPECT_THAT(receive_once(1, 60s, 1s), IsEmpty());
  EXPECT_LT(std::chrono::steady_clock::now() - before, 10s);
}

TEST_P(Queues, HideALeasedMessageFromOthers) {
  send("held");
  auto const held = receive_one(60s);
  ASSERT_ONE(held);
  auto const other = opened();
  Receive const options;
  auto const seen = fakes::run(loop_, other->receive(options));
  ASSERT_TRUE(seen.has_value());
  EXPECT_THAT(*seen, IsEmpty());
}

TEST_P(Queues, DeliverAgainOnceTheLeaseIsOver) {
  send("again");
  auto const first = receive_one(shortest_lease());
  ASSERT_ONE(first);
  auto const second = receive_one(60s);
  ASSERT_ONE(second);
  EXPECT_GE(std::chrono::steady_clock::now() + 300ms, first->lease_until) << "not before the lease is over";
  EXPECT_EQ(second->id, first->id);
  EXPECT_EQ(second->body, "again");
  EXPECT_EQ(second->receive_count, 2);
  EXPECT_THAT(remove({*second}), IsEmpty());
}

TEST_P(Queues, KeepAMessageHiddenWhileItsLeaseIsExtended) {
  send("long work");
  auto message = receive_one(shortest_lease() + 1s);
  ASSERT_ONE(message);
  auto const first_end = message->lease_until;
  EXPECT_THAT(extend(*message, 60s), IsEmpty());
  EXPECT_GT(message->lease_until, first_end + 30s);
  // Until well past the first lease nobody sees it.
  EXPECT_TRUE(eventually([&] {
    EXPECT_THAT(receive_once(), IsEmpty());
    return std::chrono::steady_clock::now() > first_end + 500ms;
  }));
  EXPECT_THAT(remove({*message}), IsEmpty()) << "with the receipt that extend() stored";
  EXPECT_TRUE(eventually([&] { return depth().total() == 0; }));
}

TEST_P(Queues, ExtendALeaseManyTimes) {
  send("long work");
  auto message = receive_one(30s);
  ASSERT_ONE(message);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(extend(*message, 60s), IsEmpty());
  EXPECT_THAT(remove({*message}), IsEmpty());
}

TEST_P(Queues, ShowAReleasedMessageAtOnce) {
  send("handed back");
  auto message = receive_one(600s);
  ASSERT_ONE(message);
  EXPECT_THAT(release(*message, 0s), IsEmpty());
  auto const again = receive_one(60s);
  ASSERT_ONE(again);
  EXPECT_EQ(again->id, message->id);
  EXPECT_EQ(again->receive_count, 2);
  EXPECT_EQ(again->body, "handed back");
}

TEST_P(Queues, ShowAMessageReleasedWithADelayOnlyThen) {
  send("handed back");
  auto message = receive_one(600s);
  ASSERT_ONE(message);
  auto const before = std::chrono::steady_clock::now();
  EXPECT_THAT(release(*message, 2s), IsEmpty());
  EXPECT_THAT(receive_once(), IsEmpty());
  auto const again = receive_one(60s);
  ASSERT_ONE(again);
  EXPECT_GE(std::chrono::steady_clock::now() - before, 1500ms);
  EXPECT_EQ(again->id, message->id);
}

// Whoever holds the lease decides. A receipt from before is refused, or does nothing, where the backend says
// so.
TEST_P(Queues, KeepAMessageForItsNewHolderWhenTheOldOneRemovesIt) {
  send("contended");
  auto const old_holder = receive_one(shortest_lease());
  ASSERT_ONE(old_holder);
  auto new_holder = receive_one(60s);
  ASSERT_ONE(new_holder);
  auto const rejected = remove({*old_holder});
  for (auto const& item : rejected) EXPECT_EQ(item.error.code, Errc::conflict) << describe(item.error);
  if (!backend_->traits().refuses_stale) return;
  EXPECT_THAT(rejected, SizeIs(1));
  EXPECT_THAT(release(*new_holder, 0s), IsEmpty()) << "the new holder's lease still governs";
  auto const third = receive_one(60s);
  ASSERT_ONE(third);
  EXPECT_EQ(third->id, old_holder->id);
  EXPECT_THAT(remove({*third}), IsEmpty());
}

TEST_P(Queues, RefuseToExtendOrReleaseWhatAnotherHoldsByNow) {
  send("contended");
  auto old_holder = receive_one(shortest_lease());
  ASSERT_ONE(old_holder);
  auto const new_holder = receive_one(60s);
  ASSERT_ONE(new_holder);
  auto const extended = extend(*old_holder, 60s);
  if (backend_->traits().refuses_stale) {
    ASSERT_THAT(extended, SizeIs(1));
    EXPECT_EQ(extended[0].error.code, Errc::conflict) << describe(extended[0].error);
    auto const released = release(*old_holder, 0s);
    ASSERT_THAT(released, SizeIs(1));
    EXPECT_EQ(released[0].error.code, Errc::conflict) << describe(released[0].error);
    EXPECT_THAT(receive_once(), IsEmpty()) << "the new holder keeps it to himself";
  } else {
    for (auto const& item : extended) EXPECT_EQ(item.error.code, Errc::conflict) << describe(item.error);
  }
  EXPECT_THAT(remove({*new_holder}), IsEmpty());
}

TEST_P(Queues, RefuseToExtendWhatIsRemoved) {
  send("done");
  auto message = receive_one(60s);
  ASSERT_ONE(message);
  EXPECT_THAT(remove({*message}), IsEmpty());
  auto const rejected = extend(*message, 60s);
  ASSERT_THAT(rejected, SizeIs(1));
  EXPECT_EQ(rejected[0].error.code, Errc::conflict) << describe(rejected[0].error);
}

TEST_P(Queues, CountARemovedMessageAsRemoved) {
  send("done");
  auto const message = receive_one(60s);
  ASSERT_ONE(message);
  EXPECT_THAT(remove({*message}), IsEmpty());
  EXPECT_THAT(remove({*message}), IsEmpty());
}

TEST_P(Queues, ReportOnlyTheLostLeaseOfABatch) {
  if (!backend_->traits().refuses_stale) return;  // nothing is promised that this could show
  EXPECT_THAT(send(numbered(3)), IsEmpty());
  auto held = receive(3);
  ASSERT_THAT(held, SizeIs(3));
  auto const lost = held[1];
  EXPECT_THAT(release(held[1], 0s), IsEmpty());
  auto const elsewhere = receive_one(60s);
  ASSERT_ONE(elsewhere);
  held[1] = lost;
  auto const rejected = items(fakes::run(loop_, queue_->extend(held, 60s)));
  ASSERT_THAT(rejected, SizeIs(1));
  EXPECT_EQ(rejected[0].index, 1u);
  EXPECT_EQ(rejected[0].error.code, Errc::conflict);
  auto const kept = remove(held);
  ASSERT_THAT(kept, SizeIs(1));
  EXPECT_EQ(kept[0].index, 1u);
  EXPECT_THAT(remove({*elsewhere}), IsEmpty());
  EXPECT_TRUE(eventually([&] { return depth().total() == 0; }));
}

TEST_P(Queues, DeliverADelayedMessageOnlyAfterItsDelay) {
  if (queue_->limits().max_delay < 2s) return;  // says that it can't
  auto message = outgoing("later");
  message.delay = 2s;
  auto const before = std::chrono::steady_clock::now();
  EXPECT_THAT(send({message}), IsEmpty());
  EXPECT_THAT(receive_once(), IsEmpty());
  auto const received = receive_one();
  ASSERT_ONE(received);
  EXPECT_GE(std::chrono::steady_clock::now() - before, 1500ms);
  EXPECT_EQ(received->body, "later");
  EXPECT_EQ(received->receive_count, 1);
}

TEST_P(Queues, RefuseADelayBeyondTheLimit) {
  auto message = outgoing("much later");
  message.delay = queue_->limits().max_delay + 1s;
  auto const rejected = send({message, outgoing("now")});
  ASSERT_THAT(rejected, SizeIs(1));
  EXPECT_EQ(rejected[0].index, 0u);
  EXPECT_EQ(rejected[0].error.code, Errc::invalid) << describe(rejected[0].error);
  EXPECT_THAT(bodies_of(receive(1)), testing::ElementsAre("now"));
}

TEST_P(Queues, ForgetAMessageWhoseLifeIsOver) {
  auto const longest = queue_->limits().max_ttl;
  auto message = outgoing("short-lived");
  message.ttl = 1s;
  auto const rejected = send({message});
  if (longest && *longest == 0s) {
    ASSERT_THAT(rejected, SizeIs(1)) << "a lifetime is not offered, so asking for one is refused";
    EXPECT_EQ(rejected[0].error.code, Errc::invalid);
    return;
  }
  EXPECT_THAT(rejected, IsEmpty());
  auto const end = std::chrono::steady_clock::now() + 2s;
  EXPECT_TRUE(eventually([&] { return std::chrono::steady_clock::now() > end; }));
  EXPECT_THAT(receive_once(), IsEmpty());
}

TEST_P(Queues, CountWhatTheyHold) {
  EXPECT_TRUE(eventually([&] { return depth().total() == 0; }));
  EXPECT_THAT(send(numbered(7)), IsEmpty());
  EXPECT_TRUE(eventually([&] { return depth().total() == 7; })) << depth().total();
  auto const held = receive(2 > queue_->limits().receive_batch ? 1 : 7);
  EXPECT_TRUE(eventually([&] { return depth().total() == 7; }))
      << "leased messages count: " << depth().total();
  EXPECT_THAT(remove(held), IsEmpty());
  EXPECT_TRUE(eventually([&] { return depth().total() == 7 - held.size(); })) << depth().total();
}

TEST_P(Queues, TellTheirLimits) {
  auto const limits = queue_->limits();
  EXPECT_GE(limits.send_batch, 1);
  EXPECT_GE(limits.receive_batch, 1);
  EXPECT_GE(limits.body, 65536u);
  EXPECT_LE(limits.min_lease, 1s);
  EXPECT_GE(limits.max_lease, 12h);
}

TEST_P(Queues, MayBeCreatedTwice) {
  send("still here");
  auto const again = opened();
  EXPECT_THAT(bodies_of(receive(1)), testing::ElementsAre("still here"));
}

TEST_P(Queues, SayThatCreateMakesAnAbsentOne) {
  auto const absent = backend_->queue(conformance::fresh_name());
  auto const open = fakes::run(loop_, absent->open(false));
  if (backend_->traits().always_creates) {
    EXPECT_TRUE(open.has_value());
    return;
  }
  std::optional<storage::Error> error;
  if (!open) {
    error = open.error();
  } else {
    Receive const options;
    auto const used = fakes::run(loop_, absent->receive(options));
    ASSERT_FALSE(used.has_value()) << "an absent queue gave messages";
    error = used.error();
  }
  EXPECT_EQ(error->code, Errc::absent) << describe(*error);
  EXPECT_THAT(error->message, testing::HasSubstr("--create"));
}

INSTANTIATE_TEST_SUITE_P(Conformance, Queues, testing::ValuesIn(conformance::cases()), conformance::name_of);
