#include "storage/aws/queue.hpp"

#include "fixture.hpp"

using namespace storage::aws;
using storage::Message;
using storage::Outgoing;
using storage::Receive;
using storage::Rejected;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using namespace std::chrono_literals;

namespace {

struct SqsQueues : Scripted {
  SqsQueue opened(std::string const& name = "q", std::string const& largest = "262144") {
    client.reply(200, "{\"QueueUrl\":\"https://told/1/" + name + "\"}");
    client.reply(200, "{\"Attributes\":{\"MaximumMessageSize\":\"" + largest + "\"}}");
    SqsQueue queue(service(name, "queue"), shared);
    auto const open = run(queue.open(false));
    EXPECT_TRUE(open.has_value());
    client.requests.clear();
    return queue;
  }

  static std::vector<Outgoing> bodies(std::vector<std::string> const& texts) {
    std::vector<Outgoing> messages;
    for (auto const& text : texts) {
      Outgoing message;
      message.body = text;
      message.group = "g";
      messages.push_back(message);
    }
    return messages;
  }
  static std::vector<Message> held(std::size_t count) {
    std::vector<Message> messages(count);
    for (std::size_t i = 0; i < count; ++i) messages[i].receipt = "receipt-" + std::to_string(i);
    return messages;
  }
  static std::string all_done(std::size_t count) {
    std::string entries;
    for (std::size_t i = 0; i < count; ++i)
      entries += (i ? ",{\"Id\":\"" : "{\"Id\":\"") + std::to_string(i) + "\"}";
    return "{\"Successful\":[" + entries + "]}";
  }
  static std::string failed(std::string const& id, std::string const& code, bool sender_fault) {
    return "{\"Id\":\"" + id + "\",\"SenderFault\":" + (sender_fault ? "true" : "false") + ",\"Code\":\"" +
           code + "\",\"Message\":\"words\"}";
  }
};

}  // namespace

TEST_F(SqsQueues, LeaveDeadLettersToARedrivePolicyOfTheirOwn) {
  EXPECT_FALSE(opened().limits().redrives);
  client.reply(200, R"({"QueueUrl":"https://told/1/q"})");
  client.reply(200, R"({"Attributes":{"RedrivePolicy":"{\"maxReceiveCount\":3}"}})");
  SqsQueue queue(service("q", "queue"), shared);
  ASSERT_TRUE(run(queue.open(false)).has_value());
  EXPECT_TRUE(queue.limits().redrives);
}

TEST_F(SqsQueues, AreFoundByName) {
  client.reply(200, R"({"QueueUrl":"https://told/1/q"})");
  client.reply(200, R"({"Attributes":{"MaximumMessageSize":"1048576"}})");
  SqsQueue queue(service("q", "queue"), shared);
  ASSERT_TRUE(run(queue.open(false)).has_value());
  EXPECT_EQ(action(0), "GetQueueUrl");
  EXPECT_EQ(action(1), "GetQueueAttributes");
  EXPECT_THAT(body(1), HasSubstr(R"("QueueUrl":"https://told/1/q")"));
  EXPECT_EQ(queue.limits().body, 1048576u);
  EXPECT_EQ(queue.limits().max_ttl, 0s);
}

TEST_F(SqsQueues, GivenByUrlAreNotAskedFor) {
  client.reply(200, R"({"Attributes":{"MaximumMessageSize":"1024"}})");
  SqsQueue queue(service("q", "queue", "https://given/123456789012/q"), shared);
  ASSERT_TRUE(run(queue.open(false)).has_value());
  EXPECT_EQ(action(0), "GetQueueAttributes");
  EXPECT_THAT(body(0), HasSubstr("https://given/123456789012/q"));
  EXPECT_EQ(client.requests[0].origin.host, "aws.example") << "the endpoint, not the queue URL, says where";
}

TEST_F(SqsQueues, AreMadeWhereAbsentAndAskedFor) {
  refuse("QueueDoesNotExist");
  client.reply(200, R"({"QueueUrl":"https://told/1/q.fifo"})");
  refuse("QueueDoesNotExist");  // not known everywhere yet
  client.reply(200, R"({"Attributes":{}})");
  SqsQueue queue(service("q.fifo", "queue"), shared);
  ASSERT_TRUE(run(queue.open(true)).has_value());
  EXPECT_EQ(action(1), "CreateQueue");
  EXPECT_THAT(body(1), HasSubstr("FifoQueue"));
  EXPECT_EQ(action(3), "GetQueueAttributes");
  EXPECT_THAT(clock.slept, SizeIs(1));
}

TEST_F(SqsQueues, GivenByUrlAreMadeToo) {
  refuse("QueueDoesNotExist");
  client.reply(200, R"({"QueueUrl":"https://told/1/q"})");
  client.reply(200, R"({"Attributes":{}})");
  SqsQueue queue(service("q", "queue", "https://given/123456789012/q"), shared);
  ASSERT_TRUE(run(queue.open(true)).has_value());
  EXPECT_EQ(action(1), "CreateQueue");
  EXPECT_THAT(body(2), HasSubstr("https://told/1/q"));
}

TEST_F(SqsQueues, SayThatCreateMakesAnAbsentOne) {
  refuse("QueueDoesNotExist");
  SqsQueue queue(service("q", "queue"), shared);
  auto const open = run(queue.open(false));
  ASSERT_FALSE(open.has_value());
  EXPECT_EQ(open.error().code, Errc::absent);
  EXPECT_THAT(open.error().message, HasSubstr("--create"));
}

TEST_F(SqsQueues, WorkWithoutThePermissionToReadAttributes) {
  client.reply(200, R"({"QueueUrl":"https://told/1/q"})");
  refuse("AccessDeniedException", "not authorized", 403);
  SqsQueue queue(service("q", "queue"), shared);
  ASSERT_TRUE(run(queue.open(false)).has_value());
  EXPECT_EQ(queue.limits().body, 262144u);
}

TEST_F(SqsQueues, DoNotTakeAWrongSecretForAMissingPermission) {
  client.reply(200, R"({"QueueUrl":"https://told/1/q"})");
  refuse("SignatureDoesNotMatch", "words", 403);
  SqsQueue queue(service("q", "queue"), shared);
  EXPECT_EQ(run(queue.open(false)).error().code, Errc::denied);
}

TEST_F(SqsQueues, SendByTen) {
  auto queue = opened();
  client.reply(200, all_done(10));
  client.reply(200, all_done(10));
  client.reply(200, all_done(3));
  EXPECT_THAT(run(queue.send(bodies(std::vector<std::string>(23, "x")))).value(), IsEmpty());
  EXPECT_THAT(client.requests, SizeIs(3));
}

TEST_F(SqsQueues, SendNoMoreBytesTogetherThanOneRequestTakes) {
  auto queue = opened("q", "262144");
  for (int i = 0; i < 2; ++i) client.reply(200, all_done(2));
  std::string const big(131072, 'x');
  EXPECT_THAT(run(queue.send(bodies({big, big, big, "y"}))).value(), IsEmpty());
  ASSERT_THAT(client.requests, SizeIs(2));
  for (std::size_t i = 0; i < 2; ++i) EXPECT_LT(body(i).size(), 262'144u + 1'000u);
  EXPECT_THAT(body(1), HasSubstr("\"y\""));
}

TEST_F(SqsQueues, SendAgainOnlyWhatFailedForNow) {
  auto queue = opened();
  client.reply(200, R"({"Successful":[{"Id":"0"}],"Failed":[)" + failed("1", "InternalError", false) + "," +
                        failed("2", "InvalidMessageContents", true) + "]}");
  client.reply(200, all_done(1));
  auto const rejected = run(queue.send(bodies({"first", "second", "third"}))).value();
  ASSERT_THAT(rejected, SizeIs(1));
  EXPECT_EQ(rejected[0].index, 2u);
  EXPECT_EQ(rejected[0].error.code, Errc::invalid);
  EXPECT_EQ(rejected[0].error.service_code, "InvalidMessageContents");
  ASSERT_THAT(client.requests, SizeIs(2));
  EXPECT_THAT(body(1), AllOf(HasSubstr("second"), Not(HasSubstr("first")), Not(HasSubstr("third"))));
}

TEST_F(SqsQueues, GiveUpAfterABoundedNumberOfAttempts) {
  auto queue = opened();
  shared.policy.max_attempts = 3;
  for (int i = 0; i < 3; ++i) client.reply(200, "{\"Failed\":[" + failed("0", "InternalError", false) + "]}");
  auto const rejected = run(queue.send(bodies({"x"}))).value();
  ASSERT_THAT(rejected, SizeIs(1));
  EXPECT_EQ(rejected[0].error.code, Errc::transient);
  EXPECT_TRUE(rejected[0].error.maybe_applied);
  EXPECT_THAT(client.requests, SizeIs(3));
  EXPECT_LT(quota.available(), http::RetryQuota::capacity);
}

TEST_F(SqsQueues, TakeASilenceAboutAnEntryForAFailure) {
  auto queue = opened();
  client.reply(200, "{\"Successful\":[{\"Id\":\"0\"}]}");
  client.reply(200, all_done(1));
  EXPECT_THAT(run(queue.send(bodies({"first", "second"}))).value(), IsEmpty());
  EXPECT_THAT(body(1), HasSubstr("second"));
}

TEST_F(SqsQueues, FailAsAWholeWhereEveryRequestDoes) {
  auto queue = opened();
  refuse("AccessDeniedException", "not authorized", 403);
  refuse("AccessDeniedException", "not authorized", 403);
  auto const sent = run(queue.send(bodies(std::vector<std::string>(11, "x"))));
  ASSERT_FALSE(sent.has_value());
  EXPECT_EQ(sent.error().code, Errc::denied);
  EXPECT_THAT(sent.error().message, HasSubstr("sqs:SendMessage "));
}

TEST_F(SqsQueues, RejectOnlyTheMessagesOfTheRequestThatFailed) {
  auto queue = opened();
  client.reply(200, all_done(10));
  client.fail(Error(Errc::transient, "connection lost"));
  auto const rejected = run(queue.send(bodies(std::vector<std::string>(12, "x")))).value();
  ASSERT_THAT(rejected, SizeIs(2));
  EXPECT_EQ(rejected[0].index, 10u);
  EXPECT_EQ(rejected[1].index, 11u);
}

TEST_F(SqsQueues, SendOneByOneWhatIsRefusedTogether) {
  auto queue = opened();
  refuse("BatchRequestTooLong");
  client.reply(200, all_done(1));
  refuse("InvalidParameterValue");
  client.reply(200, all_done(1));
  auto const rejected = run(queue.send(bodies({"first", "second", "third"}))).value();
  ASSERT_THAT(rejected, SizeIs(1));
  EXPECT_EQ(rejected[0].index, 1u);
  EXPECT_EQ(rejected[0].error.code, Errc::invalid);
}

TEST_F(SqsQueues, RefuseWhatSqsCannotCarryBeforeSendingIt) {
  auto queue = opened("q", "1024");
  auto messages = bodies({"", "nul \x01", std::string(1025, 'x'), "\xFF", "late", "mortal"});
  messages[4].delay = 901s;
  messages[5].ttl = 60s;
  auto const rejected = run(queue.send(messages)).value();
  ASSERT_THAT(rejected, SizeIs(6));
  for (auto const& item : rejected)
    EXPECT_EQ(item.error.code, item.index == 2 ? Errc::too_large : Errc::invalid) << item.error.message;
  EXPECT_THAT(client.requests, IsEmpty());
}

TEST_F(SqsQueues, RefuseOnFifoWhatFifoLacks) {
  auto queue = opened("q.fifo");
  auto messages = bodies({"no group", "delayed", "odd group", "odd id"});
  messages[0].group.clear();
  messages[1].delay = 1s;
  messages[2].group = "with space";
  messages[3].deduplication_id = std::string(129, 'x');
  auto const rejected = run(queue.send(messages)).value();
  ASSERT_THAT(rejected, SizeIs(4));
  EXPECT_THAT(rejected[0].error.message, HasSubstr("--group-id"));
  EXPECT_THAT(client.requests, IsEmpty());
}

TEST_F(SqsQueues, GiveAFifoMessageTheHashOfItsBodyAsDeduplicationId) {
  auto queue = opened("q.fifo");
  client.reply(200, all_done(2));
  auto messages = bodies({"abc", "own"});
  messages[1].deduplication_id = "mine";
  EXPECT_THAT(run(queue.send(messages)).value(), IsEmpty());
  EXPECT_THAT(body(0),
              AllOf(HasSubstr("\"MessageDeduplicationId\":"
                              "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""),
                    HasSubstr("\"MessageDeduplicationId\":\"mine\"")));
}

TEST_F(SqsQueues, KeepTheOrderInsideAFifoGroupWhenSomeAreSentAgain) {
  auto queue = opened("q.fifo");
  client.reply(
      200, R"({"Successful":[{"Id":"0"},{"Id":"1"},{"Id":"2"},{"Id":"3"},{"Id":"4"},{"Id":"5"},{"Id":"6"},)"
           R"({"Id":"7"}],"Failed":[)" +
               failed("8", "InternalError", false) + "," + failed("9", "InternalError", false) + "]}");
  client.reply(200, all_done(2));
  client.reply(200, all_done(10));
  std::vector<std::string> texts;
  for (int i = 0; i < 20; ++i) texts.push_back("body-" + std::to_string(100 + i));
  EXPECT_THAT(run(queue.send(bodies(texts))).value(), IsEmpty());
  ASSERT_THAT(client.requests, SizeIs(3));
  EXPECT_THAT(body(1), AllOf(HasSubstr("body-108"), HasSubstr("body-109"), Not(HasSubstr("body-11"))));
  EXPECT_THAT(body(2), AllOf(HasSubstr("body-110"), HasSubstr("body-119")));
}

TEST_F(SqsQueues, KeepTheOrderInsideEachOfManyFifoGroups) {
  auto queue = opened("q.fifo");
  auto messages = bodies(std::vector<std::string>(200, ""));
  for (std::size_t i = 0; i < messages.size(); ++i) {
    messages[i].group = "group-" + std::to_string(i * 7 % 16);
    messages[i].body = messages[i].group + " body-" + std::to_string(1000 + i);
  }
  for (int i = 0; i < 30; ++i) client.reply(200, all_done(10));
  EXPECT_THAT(run(queue.send(messages)).value(), IsEmpty());
  std::string all;
  for (auto const& request : client.requests) all += request.body;
  for (int group = 0; group < 16; ++group) {
    std::string const mark = "\"group-" + std::to_string(group) + " body-";
    std::vector<std::string> seen;
    for (auto at = all.find(mark); at != std::string::npos; at = all.find(mark, at + 1))
      seen.push_back(all.substr(at + mark.size(), 4));
    EXPECT_GT(seen.size(), 10u);
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end())) << mark;
  }
  EXPECT_LE(client.requests.size(), 24u) << "requests were filled";
}

TEST_F(SqsQueues, LetNoFifoMessageOvertakeOneThatCouldNotBeSent) {
  auto queue = opened("q.fifo");
  client.reply(200, all_done(10));
  Error lost(Errc::transient, "connection lost");
  lost.maybe_applied = true;
  client.fail(lost);
  auto const rejected = run(queue.send(bodies(std::vector<std::string>(30, "x")))).value();
  EXPECT_THAT(client.requests, SizeIs(2));
  ASSERT_THAT(rejected, SizeIs(20));
  EXPECT_TRUE(rejected[0].error.maybe_applied);
  EXPECT_FALSE(rejected[10].error.maybe_applied) << "never sent";
}

TEST_F(SqsQueues, ReceiveWithinTheLimitsOfTheService) {
  auto queue = opened();
  client.reply(200, R"({"Messages":[{"MessageId":"m","ReceiptHandle":"r","Body":"b"}]})");
  Receive options;
  options.at_most = 32;
  options.lease = 60s;
  options.wait = 19'100ms;
  auto const before = clock.steady();
  auto const messages = run(queue.receive(options)).value();
  ASSERT_THAT(messages, SizeIs(1));
  EXPECT_EQ(messages[0].lease_until, before + 60s);
  EXPECT_THAT(body(0), AllOf(HasSubstr("\"MaxNumberOfMessages\":10"), HasSubstr("\"WaitTimeSeconds\":20"),
                             HasSubstr("\"VisibilityTimeout\":60")));
  EXPECT_GT(client.requests[0].timeouts.total, 30s);
  EXPECT_GT(client.requests[0].timeouts.idle, 20s);
  EXPECT_TRUE(client.requests[0].long_poll);
}

TEST_F(SqsQueues, SpendNoMoreThanHalfOfTheLeaseOnALongPoll) {
  auto queue = opened();
  client.reply(200, "{}");
  Receive options;
  options.lease = 10s;
  options.wait = 20s;
  EXPECT_THAT(run(queue.receive(options)).value(), IsEmpty());
  EXPECT_THAT(body(0), HasSubstr("\"WaitTimeSeconds\":5"));
}

TEST_F(SqsQueues, RepeatAFifoReceiveUnderOneAttemptId) {
  auto queue = opened("q.fifo");
  client.reply(200, "{}");
  Receive const options;
  EXPECT_THAT(run(queue.receive(options)).value(), IsEmpty());
  EXPECT_THAT(body(0), HasSubstr("ReceiveRequestAttemptId"));
}

TEST_F(SqsQueues, CallTooManyInFlightThrottled) {
  auto queue = opened();
  refuse("OverLimit");
  Receive const options;
  EXPECT_EQ(run(queue.receive(options)).error().code, Errc::throttled);
}

TEST_F(SqsQueues, ExtendLeasesAndTellWhichAreLost) {
  auto queue = opened();
  client.reply(200, R"({"Successful":[{"Id":"1"}],"Failed":[)" + failed("0", "ReceiptHandleIsInvalid", true) +
                        "," + failed("2", "MessageNotInflight", true) + "," +
                        failed("3", "InvalidParameterValue", true) + "]}");
  auto messages = held(4);
  auto const before = clock.steady();
  auto const rejected = run(queue.extend(messages, 90s)).value();
  ASSERT_THAT(rejected, SizeIs(3));
  for (auto const& item : rejected) {
    EXPECT_EQ(item.error.code, Errc::conflict);
    EXPECT_THAT(item.error.message, HasSubstr("lease"));
  }
  EXPECT_EQ(messages[1].lease_until, before + 90s);
  EXPECT_EQ(messages[0].lease_until, base::Steady());
}

TEST_F(SqsQueues, ReleaseByAVisibilityOfTheDelay) {
  auto queue = opened();
  client.reply(200, all_done(1));
  auto messages = held(1);
  EXPECT_THAT(run(queue.release(messages, 0s)).value(), IsEmpty());
  EXPECT_EQ(action(0), "ChangeMessageVisibilityBatch");
  EXPECT_THAT(body(0), HasSubstr("\"VisibilityTimeout\":0"));
}

TEST_F(SqsQueues, CountAMessageThatIsGoneAsRemovedButNotALostLease) {
  auto queue = opened();
  client.reply(200, R"({"Successful":[{"Id":"0"}],"Failed":[)" + failed("1", "ReceiptHandleIsInvalid", true) +
                        "," + failed("2", "InvalidParameterValue", true) + "]}");
  auto const rejected = run(queue.remove(held(3))).value();
  ASSERT_THAT(rejected, SizeIs(1));
  EXPECT_EQ(rejected[0].index, 2u);
  EXPECT_EQ(rejected[0].error.code, Errc::conflict);
}

TEST_F(SqsQueues, RemoveAnyNumber) {
  auto queue = opened();
  for (auto const count : {10, 10, 5}) client.reply(200, all_done(static_cast<std::size_t>(count)));
  EXPECT_THAT(run(queue.remove(held(25))).value(), IsEmpty());
  EXPECT_THAT(body(2), HasSubstr("receipt-24"));
}

TEST_F(SqsQueues, CountInThreeParts) {
  auto queue = opened();
  client.reply(
      200, R"({"Attributes":{"ApproximateNumberOfMessages":"1","ApproximateNumberOfMessagesNotVisible":"2",)"
           R"("ApproximateNumberOfMessagesDelayed":"3"}})");
  auto const depth = run(queue.depth()).value();
  EXPECT_EQ(depth.visible, 1u);
  EXPECT_EQ(depth.leased, 2u);
  EXPECT_EQ(depth.delayed, 3u);
  EXPECT_FALSE(depth.exact);
}

TEST_F(SqsQueues, CallARubbishReplyTransient) {
  auto queue = opened();
  for (std::string const rubbish : {"<html>", "{\"Messages\":7}", "{\"Messages\":[{\"Me", ""}) {
    client.reply(200, rubbish);
    Receive const options;
    auto const received = run(queue.receive(options));
    ASSERT_FALSE(received.has_value()) << rubbish;
    EXPECT_EQ(received.error().code, Errc::transient) << rubbish;
    EXPECT_THAT(received.error().message, HasSubstr("does not look like SQS")) << rubbish;
  }
}
