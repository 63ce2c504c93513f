#include "app/dead_letter.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/row.hpp"
#include "base/digest.hpp"
#include "base/encoding.hpp"

namespace app {

namespace {

constexpr std::string_view envelope = "{\"deadLetter\":";
constexpr std::string_view mark = ",\"edwOriginalId\":\"";
constexpr std::string_view tail = "\"}";
constexpr std::size_t longest_id = 200;

// Ids that stand in JSON as they are; any other keeps its envelope.
bool is_plain(std::string_view id) {
  return !id.empty() && id.size() <= longest_id && std::all_of(id.begin(), id.end(), [](char c) {
    return c > 0x20 && c < 0x7F && c != '"' && c != '\\';
  });
}

std::string text_at(nlohmann::json const& json, char const* key) {
  auto const found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Whether one more key can be put before the last brace.
bool takes_a_key(std::string_view body) {
  auto const json = nlohmann::json::parse(body, nullptr, false);
  return json.is_object() && !json.empty() && !json.contains("edwOriginalId") && !json.contains("deadLetter");
}

}  // namespace

std::string dead_letter_uri(std::string const& queue) {
  constexpr std::string_view fifo = ".fifo";
  std::string const suffix = "-poison";
  return queue.ends_with(fifo) ? queue.substr(0, queue.size() - fifo.size()) + suffix + std::string(fifo)
                               : queue + suffix;
}

std::string encode(DeadLetter const& letter) {
  nlohmann::ordered_json json;
  auto& about = json["deadLetter"];
  about["reason"] = letter.reason;
  about["receiveCount"] = letter.receive_count;
  if (!letter.first.empty()) about["first"] = letter.first;
  about["last"] = letter.last;
  about["originalId"] = letter.original_id;
  about["queue"] = letter.queue;
  json["body"] = letter.body;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<DeadLetter> decode_dead_letter(std::string_view text) {
  if (!text.starts_with(envelope)) return std::nullopt;
  auto const json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || json.size() != 2 || !json.contains("body") || !json["body"].is_string() ||
      !json["deadLetter"].is_object())
    return std::nullopt;
  auto const& about = json["deadLetter"];
  DeadLetter letter;
  letter.original_id = text_at(about, "originalId");
  if (letter.original_id.empty()) return std::nullopt;
  letter.reason = text_at(about, "reason");
  if (auto const count = about.find("receiveCount"); count != about.end() && count->is_number_integer())
    letter.receive_count = count->get<std::int64_t>();
  letter.first = text_at(about, "first");
  letter.last = text_at(about, "last");
  letter.queue = text_at(about, "queue");
  letter.body = json["body"].get<std::string>();
  return letter;
}

storage::Key dead_letter_key(std::string const& original_id) {
  return {"dead-letter", key_of_id(original_id).row};
}

storage::Key dead_letter_body_key(std::string_view body) {
  return {"dead-letter-body", base::sha256_hex(body)};
}

storage::Entity dead_letter_row(DeadLetter const& letter, Body const& body, std::string const& redriven) {
  storage::Entity row;
  row.key = dead_letter_key(letter.original_id);
  row.values["reason"] = letter.reason;
  row.values["receiveCount"] = letter.receive_count;
  row.values["messageId"] = letter.original_id;
  row.values["queue"] = letter.queue;
  row.values["last"] = letter.last;
  if (!letter.first.empty()) row.values["first"] = letter.first;
  if (!body.run.empty()) {
    row.values[std::string(letter_run)] = body.run;
    row.values[std::string(letter_seq)] = static_cast<std::int64_t>(body.seq);
  }
  if (!redriven.empty()) row.values["redriven"] = redriven;
  return row;
}

std::string with_original(DeadLetter const& letter) {
  auto const trimmed = base::trim(letter.body);
  if (!is_plain(letter.original_id) || !trimmed.ends_with('}') || trimmed.size() != letter.body.size() ||
      !takes_a_key(letter.body))
    return encode(letter);
  std::string text = letter.body;
  text.pop_back();
  text.append(mark).append(letter.original_id).append(tail);
  return text;
}

Original original_of(std::string text) {
  if (auto letter = decode_dead_letter(text))
    return {std::move(letter->body), std::move(letter->original_id)};
  if (!text.ends_with(tail)) return {std::move(text), {}};
  // It stands at the end, if anywhere: bodies may be long.
  auto const from = text.size() - std::min(text.size(), mark.size() + longest_id + tail.size());
  auto const end = std::string_view(text).substr(from, text.size() - from - tail.size());
  // An id holds no quote, so the last one begins it.
  auto const quote = end.rfind('"');
  if (quote == std::string_view::npos || !end.substr(0, quote + 1).ends_with(mark))
    return {std::move(text), {}};
  auto const at = from + quote + 1 - mark.size();
  std::string id = text.substr(at + mark.size(), text.size() - tail.size() - at - mark.size());
  if (!is_plain(id)) return {std::move(text), {}};
  text.resize(at);
  text += '}';
  return {std::move(text), std::move(id)};
}

}  // namespace app
