#include "storage/azure/queue_wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.hpp"
#include "storage/azure/message_list.hpp"

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

// The quick reader takes what the services write, and leaves to the parser what it can't read alike.
TEST(QueueWire, ReadsAListInPlaceOnlyWhereAParserReadsTheSame) {
  auto const list_of = [](std::string const& more) {
    return "<?xml version=\"1.0\" "
           "encoding=\"utf-8\"?><QueueMessagesList><QueueMessage><MessageId>i</MessageId>"
           "<InsertionTime>Fri, 09 Oct 2009 21:04:30 GMT</InsertionTime><PopReceipt>r</PopReceipt>" +
           more + "</QueueMessage></QueueMessagesList>";
  };
  struct Case {
    std::string more;
    bool in_place;
  };
  for (auto const& [more, in_place] : std::vector<Case>{
           {"", true},
           {"<DequeueCount>2</DequeueCount><MessageText>a &amp;&lt;&#xD;\n</MessageText>", true},
           {"<MessageText></MessageText>", true},
           {"<MessageText/>", false},
           {"<MessageText>a<!-- -->b</MessageText>", false},
           {"<MessageText><![CDATA[<]]></MessageText>", false},
           {"<MessageText a=\"1\">x</MessageText>", false},
           {"<Unknown>x</Unknown><MessageText>x</MessageText>", false},
           {"<MessageText>x</MessageText><DequeueCount>2</DequeueCount>", false},
           {"\n<MessageText>x</MessageText>", false}}) {
    auto const xml = list_of(more);
    std::vector<ListedMessage> listed;
    EXPECT_EQ(read_message_list(xml, listed), in_place) << more;
    auto const read = decode_messages(xml);
    auto const parsed = parse_messages(xml);
    ASSERT_TRUE(read && parsed && read->size() == 1 && parsed->size() == 1) << more;
    EXPECT_EQ(read->front().body, parsed->front().body) << more;
    EXPECT_EQ(read->front().receive_count, parsed->front().receive_count) << more;
    EXPECT_EQ(read->front().sent_at, parsed->front().sent_at) << more;
    EXPECT_TRUE(tells_of_message(xml)) << more;
  }
  std::vector<ListedMessage> listed;
  EXPECT_FALSE(read_message_list(list_of("") + "x", listed));
  EXPECT_FALSE(tells_of_message(list_of("<DequeueCount>x</DequeueCount>")));
  EXPECT_FALSE(tells_of_message("<QueueMessagesList></QueueMessagesList>"));
}

TEST(QueueWire, FindsEachByteThatXmlEscapes) {
  for (std::size_t size = 1; size < 20; ++size)
    for (char const c : {'&', '<', '>', '\r'})
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, '=');  // between < and >
        text[at] = c;
        EXPECT_EQ(xml_run(text.data(), text.data() + size) - text.data(), static_cast<std::ptrdiff_t>(at));
      }
  std::string const free = "\x01\n =?;'\"%$#\x7F\x80\xBC\xBE\xA6\x8D";
  EXPECT_EQ(xml_run(free.data(), free.data() + free.size()), free.data() + free.size());
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
