#include "storage/azure/replies.hpp"
#include "storage/azure/world.hpp"

using storage::Errc;
using storage::Message;
using storage::Outgoing;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

namespace {

class AzureQueue : public World {
 protected:
  static std::vector<Outgoing> outgoing(std::initializer_list<std::string> bodies) {
    std::vector<Outgoing> messages;
    for (auto const& body : bodies) messages.emplace_back().body = body;
    return messages;
  }
  static std::vector<Message> held(int count) {
    std::vector<Message> messages;
    for (int i = 0; i < count; ++i) {
      auto& message = messages.emplace_back();
      message.id = "id" + std::to_string(i);
      message.receipt = "old";
    }
    return messages;
  }
  void reply_put() { client.reply(201, replies::messages(replies::message("1", "r", ""))); }
  void refuse(int status, std::string const& code) {
    client.reply(status, "", with("x-ms-error-code", code));
  }

  std::unique_ptr<storage::Queue> queue_ = queue();
};

}  // namespace

TEST_F(AzureQueue, PutsASignedMessage) {
  reply_put();
  EXPECT_THAT(*run(queue_->send(outgoing({"<a>"}))), IsEmpty());
  ASSERT_THAT(client.requests, SizeIs(1));
  auto const& request = client.requests[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.origin.to_string(), "https://acc.queue.core.windows.net");
  EXPECT_EQ(request.target, "/work/messages?messagettl=-1");
  EXPECT_THAT(request.body, HasSubstr("<MessageText>&lt;a&gt;</MessageText>"));
  EXPECT_EQ(*request.headers.find("x-ms-version"), "2025-11-05");
  EXPECT_THAT(*request.headers.find("Authorization"), testing::StartsWith("SharedKey acc:"));
}

TEST_F(AzureQueue, SendsAgainWithAFreshDateAndIdWhatFailedForAMoment) {
  refuse(500, "InternalError");
  client.fail(base::Error(Errc::transient, "the connection broke"));
  client.reply(503, "", with("Retry-After", "7"));
  reply_put();
  EXPECT_THAT(*run(queue_->send(outgoing({"x"}))), IsEmpty());
  ASSERT_THAT(client.requests, SizeIs(4));
  EXPECT_GE(clock.slept.back(), 7s) << "the service's hint is heeded";
  auto const header = [this](std::size_t i, char const* name) {
    return *client.requests[i].headers.find(name);
  };
  EXPECT_NE(header(0, "x-ms-client-request-id"), header(3, "x-ms-client-request-id"));
  EXPECT_NE(header(0, "x-ms-date"), header(3, "x-ms-date"));
  EXPECT_NE(header(0, "Authorization"), header(3, "Authorization"));
}

TEST_F(AzureQueue, SaysThatAMessageMayHaveBeenSentWhereTheServiceBrokeDown) {
  for (int i = 0; i < 4; ++i) refuse(500, "InternalError");
  auto const rejected = run(queue_->send(outgoing({"x"})));
  ASSERT_THAT(*rejected, SizeIs(1));
  EXPECT_EQ(rejected->front().error.code, Errc::transient);
  EXPECT_TRUE(rejected->front().error.maybe_applied);
}

TEST_F(AzureQueue, DoesNotBelieveASuccessThatIsNotTheServices) {
  client.reply(200, "<html>Sign in to the guest network</html>");
  client.reply(201, "<html>created</html>");
  auto const rejected = run(queue_->send(outgoing({"x", "y"})));
  ASSERT_THAT(*rejected, SizeIs(2));
  for (auto const& item : *rejected) {
    EXPECT_EQ(item.error.code, Errc::transient);
    EXPECT_THAT(item.error.message, HasSubstr("does not look like Azure Queue storage"));
  }
}

TEST_F(AzureQueue, ReportsOnlyTheMessagesThatFailed) {
  reply_put();
  refuse(400, "InvalidInput");
  auto const rejected = run(queue_->send(outgoing({"a", std::string(70'000, 'x'), "b", "\x01"})));
  ASSERT_THAT(*rejected, SizeIs(3));
  EXPECT_EQ((*rejected)[0].index, 1u);
  EXPECT_EQ((*rejected)[0].error.code, Errc::too_large);
  EXPECT_EQ((*rejected)[1].index, 2u);
  EXPECT_EQ((*rejected)[1].error.service_code, "InvalidInput");
  EXPECT_EQ((*rejected)[2].index, 3u);
  EXPECT_EQ((*rejected)[2].error.code, Errc::invalid);
  EXPECT_THAT(client.requests, SizeIs(2)) << "what can't be sent is not tried";
}

TEST_F(AzureQueue, FailsTheWholeCallWhereTheQueueIsAbsent) {
  for (int i = 0; i < 2; ++i) refuse(404, "QueueNotFound");
  auto const reply = run(queue_->send(outgoing({"a", "b"})));
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().code, Errc::absent);
}

TEST_F(AzureQueue, CountsTheLeaseFromBeforeTheRequest) {
  auto const before = clock.steady();
  client.reply_with([this](http::Request const&) {
    clock.advance(5s);
    http::Response response;
    response.status = 200;
    response.body = replies::messages(replies::message("1", "r", "text"));
    return base::Result<http::Response>(response);
  });
  storage::Receive options;
  options.at_most = 5;
  options.lease = 60s;
  auto const messages = run(queue_->receive(options));
  ASSERT_TRUE(messages.has_value());
  EXPECT_EQ(messages->front().lease_until, before + 60s);
  EXPECT_EQ(messages->front().body, "text");
  EXPECT_EQ(client.requests[0].target, "/work/messages?numofmessages=5&visibilitytimeout=60");
}

TEST_F(AzureQueue, CallsAReplyThatCannotBeReadTransient) {
  for (auto const* body : {"", "{}", "<QueueMessagesList><QueueMess", "<html/>"}) {
    client.reply(200, body);
    storage::Receive options;
    auto const messages = run(queue_->receive(options));
    ASSERT_FALSE(messages.has_value()) << body;
    EXPECT_EQ(messages.error().code, Errc::transient);
    EXPECT_THAT(messages.error().message, HasSubstr("does not look like Azure Queue storage"));
  }
}

TEST_F(AzureQueue, RefusesALeaseThatTheServiceDoesNotOffer) {
  storage::Receive options;
  options.lease = 8 * 24h;
  EXPECT_EQ(run(queue_->receive(options)).error().code, Errc::invalid);
  options.lease = 0s;
  EXPECT_EQ(run(queue_->receive(options)).error().code, Errc::invalid);
  auto messages = held(1);
  EXPECT_EQ(run(queue_->extend(messages, 8 * 24h)).error().code, Errc::invalid);
  EXPECT_THAT(client.requests, IsEmpty());
}

TEST_F(AzureQueue, StoresTheNewReceiptOfEachExtendedMessage) {
  client.reply(204, "", with("x-ms-popreceipt", "new0"));
  refuse(400, "PopReceiptMismatch");
  refuse(404, "MessageNotFound");
  client.reply(204, "");
  auto messages = held(4);
  auto const rejected = run(queue_->extend(messages, 60s));
  ASSERT_THAT(*rejected, SizeIs(3));
  EXPECT_EQ(messages[0].receipt, "new0");
  EXPECT_EQ(messages[0].lease_until, clock.steady() + 60s);
  EXPECT_EQ((*rejected)[0].error.code, Errc::conflict);
  EXPECT_EQ((*rejected)[1].error.code, Errc::conflict) << "removed by another";
  EXPECT_EQ((*rejected)[2].error.code, Errc::transient) << "no receipt came";
  EXPECT_EQ(messages[1].receipt, "old");
  EXPECT_EQ(client.requests[0].target, "/work/messages/id0?popreceipt=old&visibilitytimeout=60");
  EXPECT_EQ(client.requests[0].body, "") << "the text stays as it is";
}

TEST_F(AzureQueue, CountsAMessageThatIsGoneAsRemoved) {
  client.reply(204);
  refuse(404, "MessageNotFound");
  refuse(400, "PopReceiptMismatch");
  auto const messages = held(3);
  auto const rejected = run(queue_->remove(messages));
  ASSERT_THAT(*rejected, SizeIs(1));
  EXPECT_EQ((*rejected)[0].index, 2u);
  EXPECT_EQ((*rejected)[0].error.code, Errc::conflict);
}

TEST_F(AzureQueue, CountsARemovalWhoseFirstReplyWasLostAsDone) {
  base::Error lost(Errc::transient, "the connection broke");
  lost.maybe_applied = true;
  client.fail(lost);
  refuse(404, "MessageNotFound");
  auto const messages = held(1);
  EXPECT_THAT(*run(queue_->remove(messages)), IsEmpty());
}

TEST_F(AzureQueue, TellsItsDepth) {
  client.reply(200, "", with("x-ms-approximate-messages-count", "17"));
  EXPECT_EQ(run(queue_->depth())->total(), 17u);
  client.reply(200, "");
  EXPECT_EQ(run(queue_->depth()).error().code, Errc::transient);
}

TEST_F(AzureQueue, IsCreatedOrIsThereAlready) {
  client.reply(201);
  EXPECT_TRUE(run(queue_->open(true)).has_value());
  EXPECT_EQ(client.requests[0].method + client.requests[0].target, "PUT/work");
  client.reply(204);
  EXPECT_TRUE(run(queue_->open(true)).has_value());
  refuse(409, "QueueAlreadyExists");
  EXPECT_TRUE(run(queue_->open(true)).has_value());
  for (int i = 0; i < 4; ++i) refuse(409, "QueueBeingDeleted");
  EXPECT_EQ(run(queue_->open(true)).error().code, Errc::transient);
}

TEST_F(AzureQueue, IsOpenedWhereOnlyItsMetadataMayNotBeRead) {
  refuse(403, "AuthorizationPermissionMismatch");
  EXPECT_TRUE(run(queue_->open(false)).has_value());
  refuse(403, "AuthenticationFailed");
  EXPECT_EQ(run(queue_->open(false)).error().code, Errc::denied);
  refuse(404, "QueueNotFound");
  EXPECT_EQ(run(queue_->open(false)).error().code, Errc::absent);
}
