#include <algorithm>
#include <utility>
#include <vector>

#include "stub/aws.hpp"
#include "stub/json.hpp"
#include "stub/reply.hpp"

namespace stub {

namespace {

constexpr std::size_t receipt_size = 184;  // real ones are about as long

void append_receipt(std::string& out, Queue::Receipt receipt) {
  auto const begin = out.size();
  append_hex(out, receipt.place);
  append_hex(out, receipt.lease);
  out.append(receipt_size - (out.size() - begin), 'A');
}

bool read_receipt(std::string_view text, Queue::Receipt& receipt) {
  if (text.size() != receipt_size) return false;
  receipt.place = hex(text.substr(0, 8));
  receipt.lease = hex(text.substr(8, 8));
  return true;
}

std::chrono::seconds seconds_of(std::string_view value, std::size_t otherwise) {
  return std::chrono::seconds(number(value, otherwise));
}

std::string_view queue_name(std::string_view body) {
  auto const name = json::text(json::member(body, "QueueName"));
  if (!name.empty()) return name;
  auto const url = json::text(json::member(body, "QueueUrl"));
  return url.substr(url.rfind('/') + 1);
}

void append_sized(std::string& out, std::string_view text) {
  for (unsigned shift = 32; shift > 0;) out += static_cast<char>(text.size() >> (shift -= 8) & 0xFF);
  out += text;
}

// Amazon SQS Developer Guide, "Calculating the MD5 message digest for message attributes". Of strings: no
// client here sends another kind.
std::string attributes_md5(std::string_view attributes) {
  static std::vector<std::pair<std::string_view, std::string_view>> sorted;
  static std::string digested;  // both kept, since this is done for each message
  sorted.clear();
  digested.clear();
  std::string_view name;
  std::string_view value;
  for (json::Members members(attributes); members.next(name, value);) sorted.emplace_back(name, value);
  std::sort(sorted.begin(), sorted.end());
  for (auto const& [of, attribute] : sorted) {
    append_sized(digested, of);
    append_sized(digested, json::text(json::member(attribute, "DataType")));
    digested += '\1';  // a string
    append_sized(digested, json::unescaped(json::text(json::member(attribute, "StringValue"))));
  }
  return md5_hex(digested);
}

constexpr std::string_view digest_member = R"("MD5OfMessageAttributes":")";
constexpr auto digest_end = digest_member.size() + 32;  // of the hex digits
constexpr std::string_view attributes_member = R"(","MessageAttributes":)";

// As a receive hands them out; the digest, without attributes, is in the answer to the send as well.
std::string attributes_of(std::string_view entry) {
  auto const attributes = json::member(entry, "MessageAttributes");
  if (attributes.size() <= 2) return {};
  std::string out;
  out.reserve(digest_end + attributes_member.size() + attributes.size());
  return out.append(digest_member)
      .append(attributes_md5(attributes))
      .append(attributes_member)
      .append(attributes);
}

// Whether a receive that names `names` wants any of `attributes`; it gets them as a whole then.
bool wants(std::string_view names, std::string_view attributes) {
  auto const at = digest_end + attributes_member.size();
  std::string_view name;
  for (json::Items items(names); items.next(name);) {
    auto const text = json::text(name);
    if (text == "All" || text == ".*" || !json::member(attributes.substr(at), text).empty()) return true;
  }
  return false;
}

}  // namespace

std::optional<Time> Aws::answer(std::string& out, bool last) {
  auto const point = request.target_header.find('.');
  auto const action = request.target_header.substr(point + 1);
  if (request.target_header.starts_with("AmazonSQS")) return sqs(action, out, last);
  dynamodb(action, out);
  return std::nullopt;
}

void Aws::reply(Body body, std::string& out) {
  append_reply(out, "200 OK",
               "x-amzn-RequestId: 11111111-1111-1111-1111-111111111111\r\n"
               "Content-Type: application/x-amz-json-1.0\r\n",
               body);
}

void Aws::fail(std::string_view type, std::string& out) {
  std::string body = "{\"__type\":\"";
  body += type;
  body += "\",\"message\":\"The stub says no.\"}";
  append_reply(out, "400 Bad Request",
               "x-amzn-RequestId: 11111111-1111-1111-1111-111111111111\r\n"
               "Content-Type: application/x-amz-json-1.0\r\n",
               body);
}

std::optional<Time> Aws::sqs(std::string_view action, std::string& out, bool last) {
  auto const name = queue_name(request.body);
  auto& queue = cloud.queue(name);
  if (action == "ReceiveMessage") return receive(queue, out, last);
  cloud.count(action);
  if (action == "SendMessageBatch") {
    send_batch(queue, out);
  } else if (action == "DeleteMessageBatch" || action == "ChangeMessageVisibilityBatch") {
    change_batch(queue, action.starts_with('D'), out);
  } else if (action == "SendMessage") {
    if (!cloud.admit(cloud.sends_, 1, now)) {
      fail("com.amazonaws.sqs#RequestThrottled", out);
      return std::nullopt;
    }
    std::string result;
    send(queue, request.body, result);
    reply("{" + result + "}", out);
  } else if (action == "DeleteMessage" || action == "ChangeMessageVisibility") {
    if (change(queue, action.starts_with('D'), request.body))
      reply("{}", out);
    else
      fail("com.amazonaws.sqs#ReceiptHandleIsInvalid", out);
  } else if (action == "GetQueueUrl" || action == "CreateQueue") {
    // Its own address: some clients send to the queue URL's host.
    auto url = std::string(request.secure ? "https://" : "http://") + std::string(request.host);
    reply("{\"QueueUrl\":\"" + url + "/000000000000/" + std::string(name) + "\"}", out);
  } else if (action == "GetQueueAttributes") {
    attributes(queue, out);
  } else {
    reply("{}", out);
  }
  return std::nullopt;
}

void Aws::attributes(Queue& queue, std::string& out) {
  queue.return_due(now);
  std::string body = R"({"Attributes":{"MaximumMessageSize":"1048576","MessageRetentionPeriod":"1209600",)";
  body += "\"ApproximateNumberOfMessages\":\"" + std::to_string(queue.visible());
  body += "\",\"ApproximateNumberOfMessagesNotVisible\":\"" + std::to_string(queue.hidden());
  reply(body += "\",\"ApproximateNumberOfMessagesDelayed\":\"0\"}}", out);
}

// Appends the members of a result, without braces.
void Aws::send(Queue& queue, Body entry, std::string& result) {
  auto const text = json::text(json::member(entry, "MessageBody"));
  auto const delay = seconds_of(json::member(entry, "DelaySeconds"), 0);
  Queue::Message message;
  message.text = text;
  message.md5 = md5_hex(json::unescaped(text));
  message.attributes = attributes_of(entry);
  message.sent_ms = unix_ms();
  result += "\"MD5OfMessageBody\":\"" + message.md5 + '"';
  if (!message.attributes.empty())
    result.append(1, ',').append(message.attributes, 0, digest_end).append(1, '"');
  result += ",\"MessageId\":\"";
  append_id(result, queue.add(std::move(message), delay, now));
  result += '"';
  ++cloud.counts.sent;
  ++cloud.arrivals;
}

void Aws::send_batch(Queue& queue, std::string& out) {
  auto const entries = json::member(request.body, "Entries");
  std::size_t wanted = 0;
  std::string_view entry;
  for (json::Items items(entries); items.next(entry);) ++wanted;
  if (wanted > 10) {
    fail("com.amazonaws.sqs#TooManyEntriesInBatchRequest", out);
    return;
  }
  if (!cloud.admit(cloud.sends_, wanted, now)) {
    fail("com.amazonaws.sqs#RequestThrottled", out);
    return;
  }
  std::string body = "{\"Successful\":[";
  for (json::Items items(entries); items.next(entry);) {
    if (body.back() == '}') body += ',';
    body += "{\"Id\":";
    body += json::member(entry, "Id");
    body += ',';
    send(queue, entry, body);
    body += '}';
  }
  reply(body += "]}", out);
}

std::optional<Time> Aws::receive(Queue& queue, std::string& out, bool last) {
  auto const wanted = number(json::member(request.body, "MaxNumberOfMessages"), 1);
  auto& leased = cloud.receipts_;
  leased.clear();
  if (!cloud.admit(cloud.receives_, wanted, now)) {
    cloud.count("ReceiveMessage");
    fail("com.amazonaws.sqs#RequestThrottled", out);
    return std::nullopt;
  }
  auto const lease = seconds_of(json::member(request.body, "VisibilityTimeout"), 30);
  queue.receive(wanted, lease, now, leased);
  if (leased.empty() && !last) {
    auto const wait = seconds_of(json::member(request.body, "WaitTimeSeconds"), 0);
    if (wait.count() > 0) return now + wait;
  }
  cloud.count("ReceiveMessage");
  cloud.counts.received += leased.size();
  if (leased.empty()) ++cloud.counts.empty_receives;
  auto const names = json::member(request.body, "MessageAttributeNames");
  std::string body;
  body.reserve(leased.size() * 1400 + 64);
  body += "{\"Messages\":[";
  for (auto const& receipt : leased) {
    auto const& message = queue.at(receipt.place);
    if (body.back() == '}') body += ',';
    body += "{\"MessageId\":\"";
    append_id(body, receipt.place);
    body += "\",\"ReceiptHandle\":\"";
    append_receipt(body, receipt);
    body += "\",\"MD5OfBody\":\"" + message.md5 + "\",\"Body\":\"";
    body += message.text;
    body += '"';
    if (!message.attributes.empty() && wants(names, message.attributes)) {
      body += ',';
      body += message.attributes;
    }
    body += ",\"Attributes\":{\"ApproximateReceiveCount\":\"" + std::to_string(message.receives);
    body += "\",\"SentTimestamp\":\"" + std::to_string(message.sent_ms) + "\"}}";
  }
  if (leased.empty())
    body = "{}";
  else
    body += "]}";
  reply(body, out);
  return std::nullopt;
}

bool Aws::change(Queue& queue, bool removing, Body entry) {
  Queue::Receipt receipt;
  if (!read_receipt(json::text(json::member(entry, "ReceiptHandle")), receipt)) return false;
  if (removing) {
    // One that is gone, or leased anew, is answered like one that was there.
    if (queue.remove(receipt)) ++cloud.counts.deleted;
    return true;
  }
  auto const timeout = seconds_of(json::member(entry, "VisibilityTimeout"), 0);
  if (!queue.renew(receipt, timeout, true, now)) return false;
  if (timeout.count() == 0) ++cloud.arrivals;
  ++cloud.counts.renewed;
  return true;
}

void Aws::change_batch(Queue& queue, bool removing, std::string& out) {
  std::string good;
  std::string bad;
  std::string_view entry;
  for (json::Items items(json::member(request.body, "Entries")); items.next(entry);) {
    std::string id(json::member(entry, "Id"));
    if (change(queue, removing, entry))
      good += (good.empty() ? "{\"Id\":" : ",{\"Id\":") + id + "}";
    else
      bad += (bad.empty() ? "{\"Id\":" : ",{\"Id\":") + id +
             R"(,"SenderFault":true,"Code":"ReceiptHandleIsInvalid"})";
  }
  std::string body = "{\"Successful\":[" + good + "]";
  if (!bad.empty()) body += ",\"Failed\":[" + bad + "]";
  reply(body += "}", out);
}

}  // namespace stub
