#include "app/body.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/tracing/context.hpp"
#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "base/json_reader.hpp"
#include "base/json_text.hpp"

namespace app {

using base::Errc;
using base::Error;

bool is_run_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

std::string payload_hash(std::string_view msg, std::string_view payload) {
  if (payload.empty()) return base::sha256_hex(msg);
  std::string whole;
  whole.reserve(msg.size() + payload.size());
  whole.append(msg).append(payload);
  return base::sha256_hex(whole);
}

namespace {}  // namespace

std::string encode(Body const& body) {
  std::string text;
  text.reserve(280 + body.msg.size() + body.payload.size());
  text += "{\"msg\":";
  base::append_json(text, body.msg);
  text += ",\"srcStamp\":";
  base::append_json(text, body.src_stamp);
  text += ",\"run\":";
  base::append_json(text, body.run);
  text += ",\"seq\":" + std::to_string(body.seq) + ",\"hash\":";
  base::append_json(text, body.hash);
  if (!body.group.empty()) {
    text += ",\"group\":";
    base::append_json(text, body.group);
  }
  if (!body.traceparent.empty()) {
    text += ",\"traceparent\":";
    base::append_json(text, body.traceparent);
  }
  if (!body.payload.empty()) {
    text += ",\"payload\":";
    base::append_json(text, body.payload);
  }
  text += '}';
  return text;
}

std::size_t json_length(std::string_view text) {
  std::size_t length = text.size();
  for (char const c : text) {
    bool const short_form = c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\t';
    if (short_form)
      length += 1;
    else if (static_cast<unsigned char>(c) < 0x20)
      length += 5;
  }
  return length;
}

namespace {

// Run and seq stand together, and by the rules.
void drop_malformed(Body& body) {
  if (!body.traceparent.empty() && !tracing::parse_traceparent(body.traceparent)) body.traceparent.clear();
  if (is_run_id(body.run) && body.seq != 0 && body.seq <= max_seq) return;
  body.run.clear();
  body.seq = 0;
}

// Takes the values of an object's own keys as they come by.
class Salvage final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Salvage(Body& body) : body_(body) {}
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_float(number_float_t, string_t const&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool number_unsigned(number_unsigned_t value) override {
    if (own() && key_ == "seq") body_.seq = value;
    return true;
  }
  bool string(string_t& value) override {
    if (!own()) return true;
    if (key_ == "msg") body_.msg = value;
    if (key_ == "srcStamp") body_.src_stamp = value;
    if (key_ == "run") body_.run = value;
    if (key_ == "hash") body_.hash = value;
    return true;
  }
  bool key(string_t& value) override {
    if (depth_ == 1) key_ = value;
    return true;
  }
  bool start_object(std::size_t) override {
    if (depth_++ == 0) in_object_ = true;
    return true;
  }
  bool end_object() override { return --depth_, true; }
  bool start_array(std::size_t) override { return ++depth_, true; }
  bool end_array() override { return --depth_, true; }
  bool parse_error(std::size_t, std::string const&, nlohmann::json::exception const&) override {
    return false;
  }

 private:
  bool own() const { return depth_ == 1 && in_object_; }

  Body& body_;
  std::string key_;
  std::size_t depth_ = 0;
  bool in_object_ = false;
};

}  // namespace

Body salvage(std::string_view text) {
  Body body;
  Salvage taker(body);
  nlohmann::json::sax_parse(text, &taker);
  drop_malformed(body);
  return body;
}

namespace {

// A message of ours, or one much like it, without a document. Nothing where it is for the whole parser to
// judge.
std::optional<Body> decode_common(std::string_view text) {
  Body body;
  bool has_msg = false;
  base::JsonReader reader(text);
  bool const read = reader.object([&](std::string_view key) {
    if (key == "msg") {
      has_msg = true;
      return reader.string(body.msg);
    }
    if (key == "srcStamp") return reader.string(body.src_stamp);
    if (key == "run") return reader.string(body.run);
    if (key == "hash") return reader.string(body.hash);
    if (key == "group") return reader.string(body.group);
    if (key == "traceparent") return reader.string(body.traceparent);
    if (key == "payload") return reader.string(body.payload);
    if (key == "seq") return reader.number(body.seq);
    return reader.skip();
  });
  if (!read || !has_msg || !reader.at_end() || !base::is_utf8(text)) return std::nullopt;
  return body;
}

}  // namespace

base::Result<Body> decode(std::string_view text) {
  if (auto common = decode_common(text)) {
    drop_malformed(*common);
    return std::move(*common);
  }
  auto const json = nlohmann::json::parse(text, nullptr, false);
  // The parser takes a NUL for the end of its input, whatever follows.
  if (!json.is_object() || text.find('\0') != std::string_view::npos)
    return Error(Errc::invalid, "the message is not a JSON object");
  auto const string_at = [&json](char const* key) -> std::string {
    auto const found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  Body body;
  body.msg = string_at("msg");
  bool const foreign = !json.contains("msg") || !json["msg"].is_string();
  if (foreign) body.msg = text;
  body.src_stamp = string_at("srcStamp");
  body.run = string_at("run");
  body.hash = string_at("hash");
  body.group = string_at("group");
  body.payload = string_at("payload");
  body.traceparent = string_at("traceparent");
  if (auto const seq = json.find("seq"); seq != json.end() && seq->is_number_unsigned())
    body.seq = seq->get<std::uint64_t>();
  if (foreign) body.run.clear();
  drop_malformed(body);
  return body;
}

}  // namespace app
