#include "stub/azure.hpp"

#include "stub/reply.hpp"

namespace stub {

namespace {

constexpr std::string_view receipt_head = "AgAAAAMA";
constexpr std::string_view xml_type = "Content-Type: application/xml\r\n";
constexpr std::string_view xml_head =
    "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?><QueueMessagesList>";

std::string receipt_text(Queue::Receipt receipt) {
  std::string text(receipt_head);
  append_hex(text, receipt.place);
  append_hex(text, receipt.lease);
  return text += "AQ==";
}

bool read_receipt(std::string_view text, Queue::Receipt& receipt) {
  if (text.size() < 24 || !text.starts_with(receipt_head)) return false;
  receipt.place = hex(text.substr(8, 8));
  receipt.lease = hex(text.substr(16, 8));
  return true;
}

void element(std::string& out, std::string_view name, std::string_view value) {
  out += '<';
  out += name;
  out += '>';
  out += value;
  out += "</";
  out += name;
  out += '>';
}

std::chrono::seconds seconds_of(std::string_view text, std::size_t otherwise) {
  return std::chrono::seconds(number(text, otherwise));
}

}  // namespace

void Azure::reply(std::string_view status, std::string_view headers, std::string_view body,
                  std::string& out) {
  std::string fields =
      "x-ms-request-id: 11111111-1111-1111-1111-111111111111\r\nx-ms-version: 2025-11-05\r\n";
  fields += headers;
  append_reply(out, status, fields, body);
}

void Azure::refuse(std::string_view status, std::string_view code, std::string& out) {
  std::string headers = "Content-Type: application/xml\r\nx-ms-error-code: ";
  headers += code;
  headers += "\r\n";
  std::string body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error>";
  element(body, "Code", code);
  element(body, "Message", "The stub says no.");
  reply(status, headers, body += "</Error>", out);
}

void Azure::answer(std::string& out) {
  auto path = request.path;
  path.remove_prefix(std::min<std::size_t>(1, path.size()));
  auto const slash = path.find('/');
  if (slash == std::string_view::npos) {
    refuse("400 Bad Request", "InvalidUri", out);
    return;
  }
  path.remove_prefix(slash + 1);  // the account
  auto const end = path.find_first_of("/(");
  auto const name = path.substr(0, end);
  auto const rest = end == std::string_view::npos ? std::string_view() : path.substr(end);
  if (name == "$batch") {
    transaction(out);
  } else if (name == "Tables") {
    cloud.count("CreateTable");
    reply("204 No Content", "", "", out);
  } else if (rest.starts_with('(')) {
    if (rest == "()")
      query(name, out);
    else
      entity_request(name, rest, out);
  } else if (rest.empty() && request.method == "POST") {
    entity_request(name, rest, out);
  } else {
    queue_request(name, rest, out);
  }
}

void Azure::queue_request(std::string_view name, std::string_view rest, std::string& out) {
  auto& queue = cloud.queue(name);
  if (rest.empty()) {
    if (request.method == "PUT" || request.method == "DELETE") {
      cloud.count("CreateQueue");
      reply(request.method == "PUT" ? "201 Created" : "204 No Content", "", "", out);
      return;
    }
    cloud.count("GetQueueMetadata");
    queue.return_due(now);
    auto const count = "x-ms-approximate-messages-count: " + std::to_string(queue.total()) + "\r\n";
    reply("200 OK", count, "", out);
    return;
  }
  if (rest == "/messages") {
    if (request.method == "POST")
      put_message(queue, out);
    else
      get_messages(queue, out);
    return;
  }
  if (rest.starts_with("/messages/")) {
    change_message(queue, rest.substr(10), out);
    return;
  }
  refuse("400 Bad Request", "InvalidUri", out);
}

void Azure::put_message(Queue& queue, std::string& out) {
  cloud.count("PutMessage");
  if (!cloud.admit(cloud.sends_, 1, now)) {
    refuse("503 Service Unavailable", "ServerBusy", out);
    return;
  }
  auto const begin = request.body.find("<MessageText>");
  auto const end = request.body.rfind("</MessageText>");
  if (begin == std::string_view::npos || end == std::string_view::npos) {
    refuse("400 Bad Request", "InvalidXmlDocument", out);
    return;
  }
  auto const text = request.body.substr(begin + 13, end - begin - 13);
  auto const delay = seconds_of(parameter(request.query, "visibilitytimeout"), 0);
  Queue::Message message;
  message.text = text;
  message.sent_ms = unix_ms();
  auto const place = queue.add(std::move(message), delay, now);
  ++cloud.counts.sent;
  ++cloud.arrivals;
  std::string body(xml_head);
  body += "<QueueMessage><MessageId>";
  append_id(body, place);
  body += "</MessageId>";
  element(body, "InsertionTime", http_date());
  element(body, "ExpirationTime", "Fri, 31 Dec 9999 23:59:59 GMT");
  element(body, "PopReceipt", receipt_text({place, 0}));
  element(body, "TimeNextVisible", http_date());
  reply("201 Created", xml_type, body += "</QueueMessage></QueueMessagesList>", out);
}

void Azure::get_messages(Queue& queue, std::string& out) {
  cloud.count("GetMessages");
  auto const wanted = number(parameter(request.query, "numofmessages"), 1);
  auto& leased = cloud.receipts_;
  leased.clear();
  if (!cloud.admit(cloud.receives_, wanted, now)) {
    refuse("503 Service Unavailable", "ServerBusy", out);
    return;
  }
  auto const lease = seconds_of(parameter(request.query, "visibilitytimeout"), 30);
  queue.receive(wanted, lease, now, leased);
  cloud.counts.received += leased.size();
  if (leased.empty()) ++cloud.counts.empty_receives;
  std::string body;
  body.reserve(leased.size() * 1200 + 128);
  body += xml_head;
  for (auto const& receipt : leased) {
    auto const& message = queue.at(receipt.place);
    body += "<QueueMessage><MessageId>";
    append_id(body, receipt.place);
    body += "</MessageId>";
    element(body, "InsertionTime", http_date());
    element(body, "ExpirationTime", "Fri, 31 Dec 9999 23:59:59 GMT");
    element(body, "PopReceipt", receipt_text(receipt));
    element(body, "TimeNextVisible", http_date());
    element(body, "DequeueCount", std::to_string(message.receives));
    element(body, "MessageText", message.text);
    body += "</QueueMessage>";
  }
  reply("200 OK", xml_type, body += "</QueueMessagesList>", out);
}

void Azure::change_message(Queue& queue, std::string_view id, std::string& out) {
  bool const removing = request.method == "DELETE";
  cloud.count(removing ? "DeleteMessage" : "UpdateMessage");
  Queue::Receipt receipt;
  if (!read_receipt(parameter(request.query, "popreceipt"), receipt) || id.size() < 8 ||
      hex(id.substr(0, 8)) != receipt.place) {
    refuse("400 Bad Request", "PopReceiptMismatch", out);
    return;
  }
  bool const known = queue.known(receipt.place);
  auto const timeout = seconds_of(parameter(request.query, "visibilitytimeout"), 0);
  bool const done = removing ? queue.remove(receipt) : queue.renew(receipt, timeout, false, now);
  if (!done) {
    refuse(known ? "400 Bad Request" : "404 Not Found", known ? "PopReceiptMismatch" : "MessageNotFound",
           out);
    return;
  }
  ++(removing ? cloud.counts.deleted : cloud.counts.renewed);
  if (removing) {
    reply("204 No Content", "", "", out);
    return;
  }
  if (timeout.count() == 0) ++cloud.arrivals;
  auto headers = "x-ms-popreceipt: " + receipt_text(receipt) + "\r\nx-ms-time-next-visible: ";
  headers += http_date();
  reply("204 No Content", headers += "\r\n", "", out);
}

}  // namespace stub
