#include "app/body.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/digest.hpp"
#include "base/encoding.hpp"

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

namespace {

void append_string(std::string& out, std::string_view text) {
  out += '"';
  for (char const c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          static constexpr char digits[] = "0123456789abcdef";
          out += "\\u00";
          out += digits[static_cast<unsigned char>(c) >> 4];
          out += digits[static_cast<unsigned char>(c) & 15U];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

}  // namespace

std::string encode(Body const& body) {
  std::string text;
  text.reserve(200 + body.msg.size() + body.payload.size());
  text += "{\"msg\":";
  append_string(text, body.msg);
  text += ",\"srcStamp\":";
  append_string(text, body.src_stamp);
  text += ",\"run\":";
  append_string(text, body.run);
  text += ",\"seq\":" + std::to_string(body.seq) + ",\"hash\":";
  append_string(text, body.hash);
  if (!body.group.empty()) {
    text += ",\"group\":";
    append_string(text, body.group);
  }
  if (!body.payload.empty()) {
    text += ",\"payload\":";
    append_string(text, body.payload);
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

base::Result<Body> decode(std::string_view text) {
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
  if (auto const seq = json.find("seq"); seq != json.end() && seq->is_number_unsigned())
    body.seq = seq->get<std::uint64_t>();
  if (foreign || !is_run_id(body.run) || body.seq == 0 || body.seq > max_seq) {
    body.run.clear();
    body.seq = 0;
  }
  return body;
}

}  // namespace app
