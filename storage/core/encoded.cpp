#include "storage/core/encoded.hpp"

#include <nlohmann/json.hpp>

#include "base/encoding.hpp"

namespace storage {

namespace {

bool is_json(std::string_view text) { return nlohmann::json::accept(text); }

bool begins_with_one_of(std::string_view characters, std::string_view text) {
  auto const trimmed = base::trim(text);
  return !trimmed.empty() && characters.find(trimmed.front()) != std::string_view::npos;
}

// JSON begins so and base64 never does, so it's what it is, well-formed or not: spares a parser run on every
// ordinary body.
bool is_no_base64(std::string_view text) { return begins_with_one_of("{[\"-", text); }

// Both may begin so: a number, true, false and null.
bool may_be_json(std::string_view text) { return begins_with_one_of("0123456789tfn", text); }

class Encoded final : public Queue {
 public:
  Encoded(std::unique_ptr<Queue> inner, Encoding encoding) : inner_(std::move(inner)), encoding_(encoding) {}

  Task<> open(bool create) override { return inner_->open(create); }

  QueueLimits limits() const override {
    auto limits = inner_->limits();
    if (encoding_ == Encoding::base64) {
      limits.body = limits.body / 4 * 3;
      limits.xml_text = false;
    }
    return limits;
  }

  Task<std::vector<Rejected>> send(std::span<Outgoing const> messages) override {
    if (encoding_ != Encoding::base64) co_return co_await inner_->send(messages);
    std::vector<Outgoing> encoded(messages.begin(), messages.end());
    for (auto& message : encoded) message.body = encode_body(encoding_, std::move(message.body));
    co_return co_await inner_->send(encoded);
  }

  Task<std::vector<Message>> receive(Receive options) override {
    auto received = co_await inner_->receive(std::move(options));
    if (!received || encoding_ == Encoding::none) co_return received;
    for (auto& message : *received) {
      if (encoding_ == Encoding::automatic && is_no_base64(message.body)) continue;
      auto decoded = decode_body(encoding_, message.body);
      if (decoded)
        message.body = std::move(*decoded);
      else
        message.defect = decoded.error().message;
    }
    co_return received;
  }

  Task<std::vector<Rejected>> extend(std::span<Message> messages, std::chrono::seconds lease) override {
    return inner_->extend(messages, lease);
  }
  Task<std::vector<Rejected>> release(std::span<Message> messages, std::chrono::seconds delay) override {
    return inner_->release(messages, delay);
  }
  Task<std::vector<Rejected>> remove(std::span<Message const> messages) override {
    return inner_->remove(messages);
  }
  Task<Depth> depth() override { return inner_->depth(); }
  std::string dead_letters() const override { return inner_->dead_letters(); }

 private:
  std::unique_ptr<Queue> inner_;
  Encoding encoding_;
};

}  // namespace

std::string encode_body(Encoding encoding, std::string body) {
  return encoding == Encoding::base64 ? base::base64_encode(body) : body;
}

Result<std::string> decode_body(Encoding encoding, std::string text) {
  if (encoding == Encoding::none) return text;
  if (encoding == Encoding::base64) {
    auto bytes = base::base64_decode(base::trim(text));
    if (!bytes)
      return Error(Errc::invalid, "the message text is not base64, although --encoding base64 was asked for");
    return std::move(*bytes);
  }
  if (is_no_base64(text) || (may_be_json(text) && is_json(text))) return text;
  auto bytes = base::base64_decode(base::trim(text));
  if (bytes && base::is_utf8(*bytes) && is_json(*bytes)) return std::move(*bytes);
  return text;
}

std::unique_ptr<Queue> with_encoding(std::unique_ptr<Queue> inner, Encoding encoding) {
  return std::make_unique<Encoded>(std::move(inner), encoding);
}

}  // namespace storage
