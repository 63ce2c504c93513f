#include "storage/azure/queue_wire.hpp"

#include <algorithm>
#include <pugixml.hpp>

#include "base/encoding.hpp"
#include "base/time.hpp"
#include "storage/azure/message_list.hpp"

namespace storage::azure {

namespace {

std::string message_target(std::string_view queue, Message const& message) {
  return std::string(queue) + "/messages/" + base::percent_encode(message.id) +
         "?popreceipt=" + base::percent_encode(message.receipt);
}

// Text may come in several pieces (CDATA sections, white space, comments between).
std::string text_of(pugi::xml_node const& node) {
  std::string text;
  for (auto const& child : node.children())
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) text += child.value();
  return text;
}

std::optional<int> delivery_count(std::string_view text) {
  auto const number = base::parse_u64(text);
  if (!number) return std::nullopt;
  return static_cast<int>(std::min<std::uint64_t>(*number, 1'000'000'000));
}

}  // namespace

std::string put_target(std::string_view queue, std::chrono::seconds delay,
                       std::optional<std::chrono::seconds> ttl) {
  auto target = std::string(queue) + "/messages?";
  if (delay.count() > 0) target += "visibilitytimeout=" + std::to_string(delay.count()) + '&';
  return target + "messagettl=" + std::to_string(ttl ? ttl->count() : -1);
}

std::string get_target(std::string_view queue, int at_most, std::chrono::seconds lease) {
  return std::string(queue) +
         "/messages?numofmessages=" + std::to_string(std::clamp(at_most, 1, max_receive)) +
         "&visibilitytimeout=" + std::to_string(lease.count());
}

std::string update_target(std::string_view queue, Message const& message, std::chrono::seconds visibility) {
  return message_target(queue, message) + "&visibilitytimeout=" + std::to_string(visibility.count());
}

std::string delete_target(std::string_view queue, Message const& message) {
  return message_target(queue, message);
}

std::optional<Error> check_message(Outgoing const& message) {
  if (message.body.size() > max_message)
    return Error(Errc::too_large, "the body has " + std::to_string(message.body.size()) +
                                      " bytes; a message of Azure Queue storage holds at most " +
                                      std::to_string(max_message));
  if (!base::is_xml10(message.body))
    return Error(Errc::invalid,
                 "the body holds bytes that XML 1.0 can't carry (control characters, or text that is not "
                 "UTF-8): use --encoding base64");
  if (message.delay.count() < 0 || message.delay > max_visibility)
    return Error(Errc::invalid, "a delay of " + std::to_string(message.delay.count()) +
                                    " s is not offered: Azure Queue storage delays by 0 s to 7 days");
  if (message.ttl && message.ttl->count() < 1) return Error(Errc::invalid, "a lifetime must be at least 1 s");
  if (message.ttl && message.delay >= *message.ttl)
    return Error(Errc::invalid, "the message would expire before its delay is over");
  return std::nullopt;
}

std::string encode_message(std::string_view body) {
  static constexpr std::string_view begin =
      R"(<?xml version="1.0" encoding="utf-8"?><QueueMessage><MessageText>)";
  std::string xml;
  xml.reserve(begin.size() + body.size() + body.size() / 16 + 40);
  xml = begin;
  while (!body.empty()) {
    // A run that needs no escape goes as a whole.
    auto const run = static_cast<std::size_t>(xml_run(body.data(), body.data() + body.size()) - body.data());
    xml.append(body, 0, run);
    if (run == body.size()) break;
    char const c = body[run];
    body.remove_prefix(run + 1);
    switch (c) {
      case '&':
        xml += "&amp;";
        break;
      case '<':
        xml += "&lt;";
        break;
      case '>':
        xml += "&gt;";
        break;
      default:
        xml += "&#xD;";
    }
  }
  return xml += "</MessageText></QueueMessage>";
}

bool tells_of_message(std::string_view xml) {
  std::vector<ListedMessage> listed;
  if (read_message_list(xml, listed)) return !listed.empty();
  auto const messages = parse_messages(xml);
  return messages && !messages->empty();
}

std::optional<std::vector<Message>> decode_messages(std::string_view xml) {
  std::vector<ListedMessage> listed;
  listed.reserve(max_receive);
  if (!read_message_list(xml, listed)) return parse_messages(xml);
  std::vector<Message> messages(listed.size());
  for (std::size_t i = 0; i < listed.size(); ++i) {
    auto& message = messages[i];
    if (!unescape(listed[i].text, message.body)) return parse_messages(xml);
    if (!listed[i].count.empty()) {
      auto const count = delivery_count(listed[i].count);
      if (!count) return std::nullopt;
      message.receive_count = *count;
    }
    message.id = listed[i].id;
    message.receipt = listed[i].receipt;
    message.sent_at = base::parse_http_date(listed[i].inserted);
    message.expires_at = base::parse_http_date(listed[i].expires);
  }
  return messages;
}

std::optional<std::vector<Message>> parse_messages(std::string_view xml) {
  pugi::xml_document document;
  // Line ends stay as they came: a service that forgot to escape a carriage return still hands it over.
  auto const flags = (pugi::parse_default | pugi::parse_ws_pcdata) & ~pugi::parse_eol;
  if (!document.load_buffer(xml.data(), xml.size(), flags, pugi::encoding_utf8)) return std::nullopt;
  auto const list = document.child("QueueMessagesList");
  if (!list) return std::nullopt;
  std::vector<Message> messages;
  for (auto const& node : list.children("QueueMessage")) {
    Message message;
    message.id = text_of(node.child("MessageId"));
    message.receipt = text_of(node.child("PopReceipt"));
    if (message.id.empty() || message.receipt.empty()) return std::nullopt;
    message.body = text_of(node.child("MessageText"));
    if (auto const told = node.child("DequeueCount")) {
      auto const count = delivery_count(text_of(told));
      if (!count) return std::nullopt;
      message.receive_count = *count;
    }
    message.sent_at = base::parse_http_date(text_of(node.child("InsertionTime")));
    message.expires_at = base::parse_http_date(text_of(node.child("ExpirationTime")));
    messages.push_back(std::move(message));
  }
  return messages;
}

}  // namespace storage::azure
