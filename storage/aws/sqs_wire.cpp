#include "storage/aws/sqs_wire.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/encoding.hpp"
#include "base/json_reader.hpp"
#include "base/one_line.hpp"
#include "storage/aws/json.hpp"

namespace storage::aws::sqs {

namespace {

using Document = nlohmann::json;

// The member if it is a string, else an empty text.
std::string text_of(Document const& object, char const* key) {
  auto const found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<Document> parse_object(std::string_view body) {
  auto json = Document::parse(body, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  return json;
}

// Visits the items of a list that may be absent; false where the member is something else.
template <class Visit>
bool each(Document const& object, char const* key, Visit visit) {
  auto const found = object.find(key);
  if (found == object.end() || found->is_null()) return true;
  if (!found->is_array()) return false;
  for (auto const& item : *found) visit(item);
  return true;
}

std::string head(std::string_view queue_url, std::size_t room) {
  std::string out;
  out.reserve(room + queue_url.size() + 64);
  Json(out).object().key("QueueUrl").text(queue_url);
  return out;
}

template <class Entry>
void entries(std::string& out, std::span<std::size_t const> picked, Entry entry) {
  Json json(out);
  json.key("Entries").array();
  for (std::size_t k = 0; k < picked.size(); ++k) {
    json.object().key("Id").text(std::to_string(k));
    entry(json, picked[k]);
    json.end_object();
  }
  json.end_array().end_object();
}

// The entry's number; nothing for an id that we never gave.
std::optional<std::size_t> entry_of(Document const& item, std::size_t count) {
  if (!item.is_object()) return std::nullopt;
  auto const number = base::parse_u64(text_of(item, "Id"));
  if (!number || *number >= count) return std::nullopt;
  return static_cast<std::size_t>(*number);
}

constexpr std::string_view trace_attribute = "traceparent";
constexpr std::string_view text_type = "String";

std::string trace_of(Document const& item) {
  auto const attributes = item.find("MessageAttributes");
  if (attributes == item.end() || !attributes->is_object()) return {};
  auto const trace = attributes->find(trace_attribute);
  if (trace == attributes->end() || !trace->is_object()) return {};
  return text_of(*trace, "StringValue");
}

}  // namespace

std::size_t attribute_bytes(Outgoing const& message) {
  if (message.traceparent.empty()) return 0;
  return trace_attribute.size() + text_type.size() + message.traceparent.size();
}

std::string encode_get_queue_url(std::string_view name) {
  std::string out;
  Json(out).object().key("QueueName").text(name).end_object();
  return out;
}

std::string encode_create_queue(std::string_view name) {
  std::string out;
  Json json(out);
  json.object().key("QueueName").text(name).key("Attributes").object();
  if (name.ends_with(".fifo")) json.key("FifoQueue").text("true");
  json.key("MessageRetentionPeriod").text("1209600").end_object().end_object();
  return out;
}

std::string encode_get_attributes(std::string_view queue_url, std::span<std::string_view const> names) {
  std::string out = head(queue_url, 256);
  Json json(out);
  json.key("AttributeNames").array();
  for (auto const name : names) json.text(name);
  json.end_array().end_object();
  return out;
}

std::string encode_send(std::string_view queue_url, std::span<Outgoing const> messages,
                        std::span<std::size_t const> picked, bool fifo) {
  std::size_t room = 0;
  for (auto const i : picked)
    room += messages[i].body.size() + messages[i].body.size() / 8 + 96 +
            (messages[i].traceparent.empty() ? 0 : 160);
  std::string out = head(queue_url, room);
  entries(out, picked, [&](Json& json, std::size_t i) {
    auto const& message = messages[i];
    json.key("MessageBody").text(message.body);
    if (message.delay.count() > 0) json.key("DelaySeconds").number(message.delay.count());
    if (!message.traceparent.empty()) {
      json.raw(R"("MessageAttributes":{"traceparent":{"DataType":"String","StringValue":)");
      json.text(message.traceparent).end_object().end_object();
    }
    if (fifo) {
      json.key("MessageGroupId").text(message.group);
      json.key("MessageDeduplicationId").text(message.deduplication_id);
    }
  });
  return out;
}

std::string encode_receive(std::string_view queue_url, Poll const& poll) {
  std::string out = head(queue_url, 256);
  Json json(out);
  json.key("MaxNumberOfMessages").number(poll.at_most);
  json.key("VisibilityTimeout").number(poll.lease.count());
  json.key("WaitTimeSeconds").number(poll.wait.count());
  json.key("MessageSystemAttributeNames").array();
  for (auto const* name : {"ApproximateReceiveCount", "SentTimestamp", "MessageGroupId"}) json.text(name);
  json.end_array();
  json.key("MessageAttributeNames").array().text(trace_attribute).end_array();
  if (!poll.attempt_id.empty()) json.key("ReceiveRequestAttemptId").text(poll.attempt_id);
  json.end_object();
  return out;
}

std::string encode_change_visibility(std::string_view queue_url, std::span<Message const> messages,
                                     std::span<std::size_t const> picked, std::chrono::seconds timeout) {
  std::string out = head(queue_url, picked.size() * 512);
  entries(out, picked, [&](Json& json, std::size_t i) {
    json.key("ReceiptHandle").text(messages[i].receipt);
    json.key("VisibilityTimeout").number(timeout.count());
  });
  return out;
}

std::string encode_delete(std::string_view queue_url, std::span<Message const> messages,
                          std::span<std::size_t const> picked) {
  std::string out = head(queue_url, picked.size() * 512);
  entries(out, picked,
          [&](Json& json, std::size_t i) { json.key("ReceiptHandle").text(messages[i].receipt); });
  return out;
}

std::optional<std::string> decode_queue_url(std::string_view body) {
  auto const json = parse_object(body);
  if (!json) return std::nullopt;
  auto url = text_of(*json, "QueueUrl");
  if (url.empty()) return std::nullopt;
  return url;
}

std::optional<Attributes> decode_attributes(std::string_view body) {
  auto const json = parse_object(body);
  if (!json) return std::nullopt;
  auto const found = json->find("Attributes");
  if (found == json->end() || !found->is_object()) return std::nullopt;
  Attributes attributes;
  attributes.maximum_message_size = base::parse_u64(text_of(*found, "MaximumMessageSize"));
  attributes.visible = base::parse_u64(text_of(*found, "ApproximateNumberOfMessages"));
  attributes.leased = base::parse_u64(text_of(*found, "ApproximateNumberOfMessagesNotVisible"));
  attributes.delayed = base::parse_u64(text_of(*found, "ApproximateNumberOfMessagesDelayed"));
  attributes.redrive_policy = text_of(*found, "RedrivePolicy");
  attributes.retention = base::parse_u64(text_of(*found, "MessageRetentionPeriod"));
  attributes.delay = base::parse_u64(text_of(*found, "DelaySeconds"));
  attributes.key = text_of(*found, "KmsMasterKeyId");
  return attributes;
}

// "arn:aws:sqs:REGION:ACCOUNT:NAME", API_SetQueueAttributes, deadLetterTargetArn.
std::string dead_letters_of(std::string_view redrive_policy) {
  auto const json = parse_object(redrive_policy);
  if (!json) return {};
  auto const arn = text_of(*json, "deadLetterTargetArn");
  std::vector<std::string> parts(1);
  for (char const c : arn) {
    if (c == ':')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  if (parts.size() != 6 || parts[2] != "sqs" || parts[3].empty() || parts[5].empty()) return {};
  return "aws://" + parts[3] + '/' + parts[5];
}

namespace {

// A reply that tells of nothing but success, without a document. Nothing where it is for the whole parser to
// judge.
std::optional<std::vector<Outcome>> decode_successes(std::string_view body, std::size_t count) {
  std::vector<Outcome> outcomes(count);
  base::JsonReader reader(body);
  std::string id;
  auto const item = [&] {
    id.clear();
    if (!reader.object([&](std::string_view key) { return key == "Id" ? reader.string(id) : reader.skip(); }))
      return false;
    auto const entry = base::parse_u64(id);
    if (entry && *entry < count) outcomes[static_cast<std::size_t>(*entry)].done = true;
    return true;
  };
  bool listed = false;
  bool const read = reader.object([&](std::string_view key) {
    if (key == "Successful") return !std::exchange(listed, true) && reader.array(item);
    if (key == "Failed") return reader.array([] { return false; });  // but an empty one
    return reader.skip();
  });
  if (!read || !reader.at_end() || !base::is_utf8(body)) return std::nullopt;
  return outcomes;
}

}  // namespace

std::optional<std::vector<Outcome>> decode_batch(std::string_view body, std::size_t count) {
  if (auto all = decode_successes(body, count)) return all;
  auto const json = parse_object(body);
  if (!json) return std::nullopt;
  std::vector<Outcome> outcomes(count);
  bool const understood =
      each(*json, "Successful",
           [&](Document const& item) {
             if (auto const entry = entry_of(item, count)) outcomes[*entry].done = true;
           }) &&
      each(*json, "Failed", [&](Document const& item) {
        auto const entry = entry_of(item, count);
        if (!entry) return;
        auto& outcome = outcomes[*entry];
        outcome.done = false;
        auto const fault = item.find("SenderFault");
        outcome.sender_fault = fault != item.end() && fault->is_boolean() && fault->get<bool>();
        auto const code = text_of(item, "Code");
        auto const point = code.rfind('.');
        outcome.fault.code = base::one_line(point == std::string::npos ? code : code.substr(point + 1), 100);
        outcome.fault.message = text_of(item, "Message");
      });
  if (!understood) return std::nullopt;
  return outcomes;
}

namespace {

void set_receive_count(Message& message, std::string_view text) {
  if (auto const count = base::parse_u64(text))
    message.receive_count = static_cast<int>(std::clamp<std::uint64_t>(*count, 1, 1'000'000'000));
}

// Milliseconds of the Unix epoch; more than any clock holds is nonsense.
void set_sent_at(Message& message, std::string_view text) {
  if (auto const sent = base::parse_u64(text); sent && *sent < 9'000'000'000'000)
    message.sent_at = base::System(std::chrono::milliseconds(*sent));
}

bool read_attributes(base::JsonReader& reader, Message& message) {
  return reader.object([&](std::string_view key) {
    if (key == "MessageGroupId") return reader.string(message.group);
    std::string value;
    if (!reader.string(value)) return false;
    if (key == "ApproximateReceiveCount") set_receive_count(message, value);
    if (key == "SentTimestamp") set_sent_at(message, value);
    return true;
  });
}

bool read_trace(base::JsonReader& reader, Message& message) {
  return reader.object([&](std::string_view name) {
    if (name != trace_attribute) return reader.skip();
    message.traceparent.clear();
    return reader.object([&](std::string_view key) {
      return key == "StringValue" ? reader.string(message.traceparent) : reader.skip();
    });
  });
}

// A reply as the service writes it, without a document. Nothing where it is for the whole parser to judge.
std::optional<std::vector<Message>> decode_common_receive(std::string_view body) {
  std::vector<Message> messages;
  messages.reserve(batch);
  base::JsonReader reader(body);
  auto const item = [&] {
    auto& message = messages.emplace_back();
    bool attributed = false;
    bool traced = false;
    bool const read = reader.object([&](std::string_view key) {
      if (key == "MessageId") return reader.string(message.id);
      if (key == "ReceiptHandle") return reader.string(message.receipt);
      if (key == "Body") return reader.string(message.body);
      if (key == "MessageAttributes") return !std::exchange(traced, true) && read_trace(reader, message);
      if (key != "Attributes") return reader.skip();
      // Twice the same member is for the whole parser.
      return !std::exchange(attributed, true) && read_attributes(reader, message);
    });
    if (message.id.empty() || message.receipt.empty()) messages.pop_back();
    return read;
  };
  bool listed = false;
  bool const read = reader.object([&](std::string_view key) {
    return key == "Messages" ? !std::exchange(listed, true) && reader.array(item) : reader.skip();
  });
  if (!read || !reader.at_end() || !base::is_utf8(body)) return std::nullopt;
  return messages;
}

}  // namespace

std::optional<std::vector<Message>> decode_receive(std::string_view body) {
  if (auto common = decode_common_receive(body)) return common;
  auto json = parse_object(body);
  if (!json) return std::nullopt;
  std::vector<Message> messages;
  auto const found = json->find("Messages");
  if (found == json->end() || found->is_null()) return messages;
  if (!found->is_array()) return std::nullopt;
  for (auto& item : *found) {
    if (!item.is_object()) continue;
    Message message;
    message.id = text_of(item, "MessageId");
    message.receipt = text_of(item, "ReceiptHandle");
    if (message.id.empty() || message.receipt.empty()) continue;
    if (auto const text = item.find("Body"); text != item.end() && text->is_string())
      message.body = std::move(text->get_ref<std::string&>());
    auto const attributes = item.find("Attributes");
    if (attributes != item.end() && attributes->is_object()) {
      set_receive_count(message, text_of(*attributes, "ApproximateReceiveCount"));
      set_sent_at(message, text_of(*attributes, "SentTimestamp"));
      message.group = text_of(*attributes, "MessageGroupId");
    }
    message.traceparent = trace_of(item);
    messages.push_back(std::move(message));
  }
  return messages;
}

}  // namespace storage::aws::sqs
