#include "storage/core/encoded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/run.hpp"

namespace storage {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A wire that one can look at and write on.
struct Wire {
  std::vector<std::string> texts;
};

class Plain final : public Queue {
 public:
  explicit Plain(Wire& wire) : wire_(wire) {}
  Task<> open(bool) override { co_return boost::system::in_place_value; }
  QueueLimits limits() const override {
    QueueLimits limits;
    limits.body = 65536;
    limits.xml_text = true;
    return limits;
  }
  Task<std::vector<Rejected>> send(std::span<Outgoing const> messages) override {
    for (auto const& message : messages) wire_.texts.push_back(message.body);
    std::vector<Rejected> rejected;
    co_return rejected;
  }
  Task<std::vector<Message>> receive(Receive) override {
    std::vector<Message> messages;
    for (auto const& text : wire_.texts) messages.emplace_back().body = text;
    co_return messages;
  }
  Task<std::vector<Rejected>> extend(std::span<Message>, std::chrono::seconds) override { return none(); }
  Task<std::vector<Rejected>> release(std::span<Message>, std::chrono::seconds) override { return none(); }
  Task<std::vector<Rejected>> remove(std::span<Message const>) override { return none(); }
  Task<Depth> depth() override {
    Depth depth;
    depth.visible = wire_.texts.size();
    co_return depth;
  }

 private:
  static Task<std::vector<Rejected>> none() {
    std::vector<Rejected> rejected;
    co_return rejected;
  }
  Wire& wire_;
};

std::string decoded(Encoding encoding, std::string text) {
  return decode_body(encoding, std::move(text)).value();
}

}  // namespace

TEST(Encoding, AutomaticWritesPlainText) {
  EXPECT_EQ(encode_body(Encoding::automatic, "{\"a\":1}"), "{\"a\":1}");
}

TEST(Encoding, AutomaticKeepsJson) {
  for (auto const* text : {"{\"a\":1}", " [1]", "\"MTIz\"", "12345678", "true", "null", "-1234567"})
    EXPECT_EQ(decoded(Encoding::automatic, text), text);
}

TEST(Encoding, AutomaticDecodesWhatHoldsJson) {
  EXPECT_EQ(decoded(Encoding::automatic, "eyJhIjoxfQ=="), "{\"a\":1}");
  EXPECT_EQ(decoded(Encoding::automatic, " eyJhIjoxfQ==\n"), "{\"a\":1}");
}

TEST(Encoding, AutomaticKeepsWhatIsNeither) {
  for (auto const* text : {"", "hello", "YWJj", "/////w==", "{broken", "eyJhIjoxfQ="})
    EXPECT_EQ(decoded(Encoding::automatic, text), text);
}

TEST(Encoding, NoneLeavesAllAsItIs) {
  EXPECT_EQ(encode_body(Encoding::none, "a"), "a");
  EXPECT_EQ(decoded(Encoding::none, "eyJhIjoxfQ=="), "eyJhIjoxfQ==");
}

TEST(Encoding, Base64IsItsOwnInverse) {
  std::string const bytes("\x00\xFF {}\n", 6);
  EXPECT_EQ(decoded(Encoding::base64, encode_body(Encoding::base64, bytes)), bytes);
}

TEST(Encoding, Base64RefusesOtherText) {
  auto const reply = decode_body(Encoding::base64, "{\"a\":1}");
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().code, Errc::invalid);
  EXPECT_THAT(reply.error().message, HasSubstr("--encoding base64"));
}

TEST(EncodedQueue, EncodesOnTheWayOutAndDecodesOnTheWayIn) {
  Wire wire;
  auto const queue = with_encoding(std::make_unique<Plain>(wire), Encoding::base64);
  std::vector<Outgoing> batch(1);
  batch[0].body = "{\"a\":1}";
  ASSERT_TRUE(fakes::run(queue->send(batch)).has_value());
  EXPECT_THAT(wire.texts, ElementsAre("eyJhIjoxfQ=="));
  EXPECT_EQ(batch[0].body, "{\"a\":1}") << "the caller's message is left alone";
  Receive const options;
  auto const received = fakes::run(queue->receive(options)).value();
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].body, "{\"a\":1}");
  EXPECT_EQ(received[0].defect, "");
}

TEST(EncodedQueue, DeliversABodyThatItCannotDecodeWithItsDefect) {
  Wire wire;
  wire.texts = {"{not base64}", "eyJhIjoxfQ=="};
  auto const queue = with_encoding(std::make_unique<Plain>(wire), Encoding::base64);
  Receive const options;
  auto const received = fakes::run(queue->receive(options)).value();
  ASSERT_EQ(received.size(), 2u);
  EXPECT_EQ(received[0].body, "{not base64}");
  EXPECT_THAT(received[0].defect, HasSubstr("not base64"));
  EXPECT_EQ(received[1].body, "{\"a\":1}");
  EXPECT_EQ(received[1].defect, "");
}

TEST(EncodedQueue, TellsTheLimitsOfABodyBeforeItIsEncoded) {
  Wire wire;
  auto const plain = with_encoding(std::make_unique<Plain>(wire), Encoding::automatic);
  EXPECT_EQ(plain->limits().body, 65536u);
  EXPECT_TRUE(plain->limits().xml_text);
  auto const queue = with_encoding(std::make_unique<Plain>(wire), Encoding::base64);
  EXPECT_FALSE(queue->limits().xml_text) << "base64 carries every byte";
  auto const limit = queue->limits().body;
  EXPECT_LE(encode_body(Encoding::base64, std::string(limit, 'x')).size(), 65536u);
  EXPECT_GT(encode_body(Encoding::base64, std::string(limit + 1, 'x')).size(), 65536u);
}

}  // namespace storage
