#include <algorithm>

#include "base/encoding.hpp"
#include "base/time.hpp"
#include "simulation/azure_services.hpp"

namespace simulation {

namespace {

http::Response error(int status, std::string_view code) {
  auto made = response(status, R"(<?xml version="1.0" encoding="utf-8"?><Error><Code>)" + std::string(code) +
                                   "</Code><Message>simulated</Message></Error>");
  made.headers.set("Content-Type", "application/xml");
  made.headers.set("x-ms-error-code", std::string(code));
  return made;
}

std::string escaped(std::string_view text) {
  std::string xml;
  for (char const c : text) switch (c) {
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
        xml += c;
    }
  return xml;
}

std::string unescaped(std::string_view xml) {
  static constexpr std::pair<std::string_view, char> entities[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#xD;", '\r'}};
  std::string text;
  while (!xml.empty()) {
    auto const plain = std::min(xml.find('&'), xml.size());
    text += xml.substr(0, plain);
    xml.remove_prefix(plain);
    if (xml.empty()) break;
    auto const found = std::find_if(std::begin(entities), std::end(entities),
                                    [xml](auto const& entity) { return xml.starts_with(entity.first); });
    if (found == std::end(entities)) return "not XML";
    text += found->second;
    xml.remove_prefix(found->first.size());
  }
  return text;
}

std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
  auto const from = text.find(begin);
  if (from == text.npos) return {};
  auto const rest = text.substr(from + begin.size());
  return rest.substr(0, rest.find(end));
}

}  // namespace

http::Response response(int status, std::string body) {
  http::Response made;
  made.status = status;
  made.body = std::move(body);
  return made;
}

std::string parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    auto const one = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), one.size() + 1));
    if (one.starts_with(name) && one.substr(name.size()).starts_with('='))
      return base::percent_decode(one.substr(name.size() + 1)).value_or("");
  }
  return {};
}

http::Response AzureQueueService::failure(Fault fault) {
  if (fault != Fault::throttled) return error(500, "InternalError");
  auto made = error(503, "ServerBusy");
  if (network_.chance().happens(0.3))
    made.headers.set("Retry-After", std::to_string(network_.chance().between(1, 5)));
  return made;
}

http::Response AzureQueueService::refusal() { return error(401, "InvalidAuthenticationInfo"); }

std::optional<Reply> AzureQueueService::handle(ExchangePtr const& exchange) {
  auto const& request = exchange->request;
  if (auto refused = tokens_.refuse_azure(request)) return Reply{std::move(*refused), {}};
  std::string_view const target = request.target;
  auto const question = std::min(target.find('?'), target.size());
  std::string const query(target.substr(std::min(question + 1, target.size())));
  auto path = target.substr(1, question - 1);
  auto const slash = std::min(path.find('/'), path.size());
  auto const found = mailboxes_.find(path.substr(0, slash));
  if (found == mailboxes_.end()) return Reply{error(404, "QueueNotFound"), {}};
  auto& place = found->second;
  auto rest = path.substr(slash);
  if (rest.empty() && request.method == "PUT") {
    bool const before = std::exchange(place.made, true);
    return Reply{response(before ? 204 : 201), {}};
  }
  if (!place.made) return Reply{error(404, "QueueNotFound"), {}};
  auto& mailbox = *place.mailbox;
  if (rest.empty()) {
    auto made = response(200);
    made.headers.set("x-ms-approximate-messages-count", std::to_string(mailbox.size()));
    return Reply{std::move(made), {}};
  }
  if (rest == "/messages" && request.method == "POST") return put(mailbox, exchange, query);
  if (rest == "/messages" && request.method == "GET") return get(mailbox, exchange, query);
  rest.remove_prefix(std::string_view("/messages/").size());
  return change(mailbox, exchange, base::percent_decode(rest).value_or(""), query);
}

Reply AzureQueueService::put(Mailbox& mailbox, ExchangePtr const& exchange, std::string const& query) {
  auto& truth = tokens_.truth();
  auto text = unescaped(between(exchange->request.body, "<MessageText>", "</MessageText>"));
  auto const delay = base::parse_u64(parameter(query, "visibilitytimeout")).value_or(0);
  truth.asked_to_enqueue(text, exchange->sent);
  auto const& letter = mailbox.put(text, std::chrono::seconds(delay), {});
  Reply reply;
  reply.response =
      response(201, "<QueueMessagesList><QueueMessage><MessageId>" + letter.id +
                        "</MessageId><PopReceipt>none</PopReceipt></QueueMessage></QueueMessagesList>");
  reply.delivered = [&truth, text = std::move(text)] { truth.told(text); };
  return reply;
}

Reply AzureQueueService::get(Mailbox& mailbox, ExchangePtr const& exchange, std::string const& query) {
  auto const count = base::parse_u64(parameter(query, "numofmessages")).value_or(1);
  std::chrono::seconds const lease(base::parse_u64(parameter(query, "visibilitytimeout")).value_or(30));
  auto& chance = network_.chance();
  auto const taken = mailbox.take(static_cast<std::size_t>(count), lease, exchange->process, &chance, false);
  std::string xml = "<?xml version=\"1.0\" encoding=\"utf-8\"?><QueueMessagesList>";
  auto& world = network_.world();
  for (auto const* letter : taken) {
    xml += "<QueueMessage><MessageId>" + letter->id + "</MessageId><InsertionTime>" +
           base::http_date(World::system_at(letter->sent)) +
           "</InsertionTime><ExpirationTime>Fri, 31 Dec 9999 23:59:59 GMT</ExpirationTime><PopReceipt>" +
           mailbox.receipt(*letter) + "</PopReceipt><TimeNextVisible>" +
           base::http_date(World::system_at(letter->visible_at)) + "</TimeNextVisible><DequeueCount>" +
           std::to_string(letter->receives) + "</DequeueCount><MessageText>" + escaped(letter->text) +
           "</MessageText></QueueMessage>";
    if (world.history.traced()) world.history.tell(world.now(), "leases", exchange->process, letter->id);
  }
  return {response(200, xml + "</QueueMessagesList>"), {}};
}

Reply AzureQueueService::change(Mailbox& mailbox, ExchangePtr const& exchange, std::string const& id,
                                std::string const& query) {
  auto const presented = mailbox.present(parameter(query, "popreceipt"), *exchange);
  auto* const letter = mailbox.find(id);
  if (!letter || letter->removed) return {error(404, "MessageNotFound"), {}};
  if (presented.letter != letter) return {error(400, "PopReceiptMismatch"), {}};
  if (presented.outdated)
    network_.world().violate("a consumer presented an old pop receipt of " + id +
                             " although it had been told the new one");
  if (!presented.current) return {error(400, "PopReceiptMismatch"), {}};
  if (exchange->request.method == "DELETE") {
    mailbox.remove(*letter);
    return {response(204), {}};
  }
  std::chrono::seconds const visibility(base::parse_u64(parameter(query, "visibilitytimeout")).value_or(0));
  auto& world = network_.world();
  letter->visible_at = world.now() + visibility;
  ++letter->version;
  letter->told = Nanos(-1);
  Reply reply;
  reply.response = response(204);
  reply.response.headers.set("x-ms-popreceipt", mailbox.receipt(*letter));
  // The letter stands in a deque that only grows.
  reply.delivered = [&world, letter, receives = letter->receives, version = letter->version] {
    if (letter->receives == receives && letter->version == version) letter->told = world.now();
  };
  return reply;
}

}  // namespace simulation
