#include "storage/azure/queue_wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.hpp"

using namespace storage::azure;
using namespace std::chrono_literals;
using storage::Errc;
using storage::Message;
using storage::Outgoing;

namespace {

Message held(std::string id, std::string receipt) {
  Message message;
  message.id = std::move(id);
  message.receipt = std::move(receipt);
  return message;
}

// The form of the reply in the service's documentation.
constexpr char const* list = R"(<?xml version="1.0" encoding="utf-8"?>
<QueueMessagesList>
  <QueueMessage>
    <MessageId>5974b586-0df3-4e2d-ad0c-18e3892bfca2</MessageId>
    <InsertionTime>Fri, 09 Oct 2009 21:04:30 GMT</InsertionTime>
    <ExpirationTime>Fri, 31 Dec 9999 23:59:59 GMT</ExpirationTime>
    <PopReceipt>YzQ4Yzg1MDItYTc0Ny00OWNjLTkxYTUtZGM0MDFiZDAwYzEw</PopReceipt>
    <TimeNextVisible>Fri, 09 Oct 2009 23:29:20 GMT</TimeNextVisible>
    <DequeueCount>3</DequeueCount>
    <MessageText> &lt;a&gt; &amp;&#xD;&#10;<![CDATA[<b>]]> </MessageText>
  </QueueMessage>
  <QueueMessage><MessageId>2</MessageId><PopReceipt>r</PopReceipt><MessageText/></QueueMessage>
</QueueMessagesList>)";

}  // namespace

TEST(QueueWire, WritesTargets) {
  EXPECT_EQ(put_target("/q", 0s, std::nullopt), "/q/messages?messagettl=-1");
  EXPECT_EQ(put_target("/acc/q", 5s, 60s), "/acc/q/messages?visibilitytimeout=5&messagettl=60");
  EXPECT_EQ(get_target("/q", 10, 60s), "/q/messages?numofmessages=10&visibilitytimeout=60");
  EXPECT_EQ(get_target("/q", 1000, 60s), "/q/messages?numofmessages=32&visibilitytimeout=60");
  EXPECT_EQ(get_target("/q", 0, 60s), "/q/messages?numofmessages=1&visibilitytimeout=60");
  EXPECT_EQ(delete_target("/q", held("i/d", "a+b/c=")), "/q/messages/i%2Fd?popreceipt=a%2Bb%2Fc%3D");
  EXPECT_EQ(update_target("/q", held("i", "r"), 0s), "/q/messages/i?popreceipt=r&visibilitytimeout=0");
}

TEST(QueueWire, EscapesTextForXml) {
  EXPECT_EQ(encode_message("a<b>&\r\n\"'"),
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><QueueMessage><MessageText>a&lt;b&gt;&amp;&#xD;\n\"'"
            "</MessageText></QueueMessage>");
}

TEST(QueueWire, ReadsMessages) {
  auto const messages = decode_messages(list);
  ASSERT_TRUE(messages.has_value());
  ASSERT_EQ(messages->size(), 2u);
  auto const& first = messages->front();
  EXPECT_EQ(first.id, "5974b586-0df3-4e2d-ad0c-18e3892bfca2");
  EXPECT_EQ(first.receipt, "YzQ4Yzg1MDItYTc0Ny00OWNjLTkxYTUtZGM0MDFiZDAwYzEw");
  EXPECT_EQ(first.body, " <a> &\r\n<b> ");
  EXPECT_EQ(first.receive_count, 3);
  ASSERT_TRUE(first.sent_at.has_value());
  EXPECT_EQ(base::iso8601(*first.sent_at), "2009-10-09T21:04:30Z");
  EXPECT_FALSE(first.expires_at.has_value()) << "the year 9999 is never";
  EXPECT_EQ(messages->back().body, "");
  EXPECT_EQ(messages->back().receive_count, 1);
}

TEST(QueueWire, ReadsAnEmptyQueue) {
  auto const messages = decode_messages("\xEF\xBB\xBF<?xml version=\"1.0\"?><QueueMessagesList />");
  ASSERT_TRUE(messages.has_value());
  EXPECT_TRUE(messages->empty());
}

TEST(QueueWire, KeepsTextThatIsOnlyWhiteSpace) {
  auto const messages = decode_messages(
      "<QueueMessagesList><QueueMessage><MessageId>1</MessageId><PopReceipt>r</PopReceipt>"
      "<MessageText> \n </MessageText></QueueMessage></QueueMessagesList>");
  ASSERT_TRUE(messages.has_value());
  EXPECT_EQ(messages->front().body, " \n ");
}

TEST(QueueWire, RefusesWhatIsNoListOfMessages) {
  for (auto const* text :
       {"", "x", "{}", "<html/>", "<QueueMessagesList>",
        "<QueueMessagesList><QueueMessage><MessageId>1</MessageId></QueueMessage></QueueMessagesList>",
        "<QueueMessagesList><QueueMessage><MessageId>1</MessageId><PopReceipt>r</PopReceipt>"
        "<DequeueCount>-1</DequeueCount></QueueMessage></QueueMessagesList>"})
    EXPECT_FALSE(decode_messages(text).has_value()) << text;
}

TEST(QueueWire, ChecksAMessageBeforeItIsSent) {
  auto const verdict = [](auto change) {
    Outgoing message;
    message.body = "x";
    change(message);
    auto const error = check_message(message);
    return error ? std::string(to_string(error->code)) : "fine";
  };
  EXPECT_EQ(verdict([](Outgoing& m) { m.body = std::string(65'536, '<'); }), "fine") << "before escaping";
  EXPECT_EQ(verdict([](Outgoing& m) { m.body = std::string(65'537, 'x'); }), "too_large");
  EXPECT_EQ(verdict([](Outgoing& m) { m.body = "\x01"; }), "invalid");
  EXPECT_EQ(verdict([](Outgoing& m) { m.body = "\xC3"; }), "invalid");
  EXPECT_EQ(verdict([](Outgoing& m) { m.delay = 7 * 24h; }), "fine");
  EXPECT_EQ(verdict([](Outgoing& m) { m.delay = 7 * 24h + 1s; }), "invalid");
  EXPECT_EQ(verdict([](Outgoing& m) { m.ttl = 0s; }), "invalid");
  EXPECT_EQ(verdict([](Outgoing& m) { m.delay = m.ttl.emplace(9s); }), "invalid");
}
