#include <algorithm>
#include <nlohmann/json.hpp>

#include "simulation/aws_services.hpp"
#include "simulation/azure_services.hpp"

namespace simulation {

using nlohmann::json;

namespace {

constexpr std::string_view host = "https://sqs.eu-west-1.amazonaws.com/123456789012/";

http::Response error(int status, std::string_view type) {
  auto made = response(
      status, R"({"__type":"com.amazonaws.sqs#)" + std::string(type) + R"(","message":"simulated"})");
  made.headers.set("Content-Type", "application/x-amz-json-1.0");
  return made;
}

json failed(json const& entry, char const* code, bool sender) {
  return {{"Id", entry.at("Id")}, {"Code", code}, {"SenderFault", sender}, {"Message", "simulated"}};
}

}  // namespace

void SqsService::add(std::string name, Mailbox& mailbox) {
  Place place;
  place.mailbox = &mailbox;
  place.fifo = name.ends_with(".fifo");
  places_.emplace(std::move(name), std::move(place));
}

http::Response SqsService::failure(Fault fault) {
  if (fault == Fault::throttled)
    return network_.chance().happens(0.5) ? error(400, "ThrottlingException")
                                          : error(403, "RequestThrottled");
  return error(500, "InternalFailure");
}

http::Response SqsService::refusal() {
  return response(400,
                  R"({"__type":"com.amazon.coral.service#ExpiredTokenException","message":"simulated"})");
}

std::optional<Reply> SqsService::handle(ExchangePtr const& exchange) {
  auto const& request = exchange->request;
  if (auto refused = tokens_.refuse_aws(request)) return Reply{std::move(*refused), {}};
  auto const& body = request.body;
  auto const& action = request.operation;
  auto name = json_text(body, "QueueName").value_or("");
  if (name.empty()) {
    auto const url = json_text(body, "QueueUrl").value_or("");
    if (url.starts_with(host)) name = url.substr(host.size());
  }
  auto const found = places_.find(name);
  auto const absent = [] { return Reply{error(400, "QueueDoesNotExist"), {}}; };
  if (found == places_.end()) return absent();
  auto& place = found->second;
  if (action == "CreateQueue") place.made = true;
  if (!place.made) return absent();
  if (action == "CreateQueue" || action == "GetQueueUrl")
    return Reply{response(200, R"({"QueueUrl":")" + std::string(host) + std::string(name) + "\"}"), {}};
  if (action == "GetQueueAttributes")
    return Reply{
        response(200, R"({"Attributes":{"MaximumMessageSize":"262144","ApproximateNumberOfMessages":")" +
                          std::to_string(place.mailbox->size()) + "\"}}"),
        {}};
  if (action == "ReceiveMessage") return receive(place, exchange);
  if (action == "SendMessageBatch") {
    auto reply = send(place, exchange);
    serve_polls();
    return reply;
  }
  auto reply = change(place, exchange, action == "DeleteMessageBatch");
  serve_polls();
  return reply;
}

Reply SqsService::send(Place& place, ExchangePtr const& exchange) {
  auto& truth = tokens_.truth();
  auto& chance = network_.chance();
  auto const now = network_.world().now();
  auto const request = json::parse(exchange->request.body);
  json successful = json::array();
  json refused = json::array();
  std::vector<std::string> taken;
  for (auto const& entry : request.at("Entries")) {
    auto const text = entry.at("MessageBody").get<std::string>();
    truth.asked_to_enqueue(text, exchange->sent);
    bool const fails = network_.part_fails(*exchange);
    if (fails) {
      network_.count(Fault::partial, exchange->process);
      bool const busy = chance.happens(0.5);
      refused.push_back(failed(entry, busy ? "RequestThrottled" : "InternalError", false));
      // One that says that it is broken may have acted first.
      if (busy || chance.happens(0.5)) continue;
    }
    std::string id;
    auto const key = entry.value("MessageDeduplicationId", std::string());
    auto const before = place.deduplicated.find(key);
    if (place.fifo && before != place.deduplicated.end() &&
        now - before->second.second < std::chrono::minutes(5)) {
      id = before->second.first;
    } else {
      std::chrono::seconds const delay(entry.value("DelaySeconds", 0));
      id = place.mailbox->put(text, delay, entry.value("MessageGroupId", std::string())).id;
      if (place.fifo) place.deduplicated[key] = {id, now};
    }
    if (fails) continue;
    successful.push_back({{"Id", entry.at("Id")}, {"MessageId", id}});
    taken.push_back(text);
  }
  Reply reply;
  reply.response = response(200, json{{"Successful", successful}, {"Failed", refused}}.dump());
  reply.delivered = [&truth, taken = std::move(taken)] {
    for (auto const& text : taken) truth.told(text);
  };
  return reply;
}

std::optional<Reply> SqsService::try_receive(Poll const& poll) {
  auto& mailbox = *poll.place->mailbox;
  auto& chance = network_.chance();
  auto const now = network_.world().now();
  auto const taken = mailbox.take(poll.at_most, poll.lease, poll.exchange->process,
                                  poll.place->fifo ? nullptr : &chance, poll.place->fifo);
  if (taken.empty() && now < poll.until) return std::nullopt;
  json messages = json::array();
  for (auto* const letter : taken) {
    messages.push_back(
        {{"MessageId", letter->id},
         {"ReceiptHandle", mailbox.receipt(*letter)},
         {"Body", letter->text},
         {"Attributes",
          {{"ApproximateReceiveCount", std::to_string(letter->receives)},
           {"MessageGroupId", letter->group},
           {"SentTimestamp", std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(
                                                World::system_at(letter->sent).time_since_epoch())
                                                .count())}}}});
    // At least once: a standard queue now and then delivers what another has.
    if (!poll.place->fifo && duplicates() && chance.happens(duplicates_)) letter->visible_at = now;
  }
  return Reply{response(200, taken.empty() ? "{}" : json{{"Messages", messages}}.dump()), {}};
}

std::optional<Reply> SqsService::receive(Place& place, ExchangePtr const& exchange) {
  auto const& body = exchange->request.body;
  auto const now = network_.world().now();
  Poll poll{exchange, &place, static_cast<std::size_t>(json_number(body, "MaxNumberOfMessages").value_or(1)),
            std::chrono::seconds(json_number(body, "VisibilityTimeout").value_or(30)),
            now + std::chrono::seconds(json_number(body, "WaitTimeSeconds").value_or(0))};
  if (auto reply = try_receive(poll)) return reply;
  serve_at(poll.until);
  if (auto const next = place.mailbox->next_visible(); next && *next < poll.until) serve_at(*next);
  polls_.push_back(std::move(poll));
  return std::nullopt;
}

void SqsService::serve_at(Nanos when) {
  if (!serving_.insert(when).second) return;
  network_.world().at(when, [this, when] {
    serving_.erase(when);
    serve_polls();
  });
}

void SqsService::serve_polls() {
  for (auto poll = polls_.begin(); poll != polls_.end();) {
    // The service sees when the connection of a poll is gone.
    if (!poll->exchange->waiting) {
      poll = polls_.erase(poll);
      continue;
    }
    if (auto reply = try_receive(*poll)) {
      network_.reply(poll->exchange, std::move(*reply));
      poll = polls_.erase(poll);
      continue;
    }
    if (auto const next = poll->place->mailbox->next_visible(); next && *next < poll->until) serve_at(*next);
    ++poll;
  }
}

Reply SqsService::change(Place& place, ExchangePtr const& exchange, bool remove) {
  auto& chance = network_.chance();
  auto const now = network_.world().now();
  auto const request = json::parse(exchange->request.body);
  json successful = json::array();
  json refused = json::array();
  for (auto const& entry : request.at("Entries")) {
    if (network_.part_fails(*exchange)) {
      network_.count(Fault::partial, exchange->process);
      refused.push_back(failed(entry, chance.happens(0.5) ? "RequestThrottled" : "InternalError", false));
      if (chance.happens(0.5)) continue;  // the others were done all the same
    } else {
      successful.push_back({{"Id", entry.at("Id")}});
    }
    auto const refuse = [&](char const* code) {
      auto const of = [&entry](json const& done) { return done.at("Id") == entry.at("Id"); };
      successful.erase(std::remove_if(successful.begin(), successful.end(), of), successful.end());
      refused.erase(std::remove_if(refused.begin(), refused.end(), of), refused.end());
      refused.push_back(failed(entry, code, true));
    };
    auto const presented = place.mailbox->present(entry.at("ReceiptHandle").get<std::string>(), *exchange);
    auto* const letter = presented.letter;
    if (!letter) {
      refuse("ReceiptHandleIsInvalid");
      continue;
    }
    bool const out = letter->visible_at > now;
    if (remove) {
      // FIFO: a receipt ends with its lease. Standard: an old one may do it, or do nothing.
      if (!letter->removed && place.fifo && !(presented.current && out))
        refuse("InvalidParameterValue");
      else if (!presented.current && chance.happens(0.5))
        continue;
      else if (!place.fifo && duplicates() && chance.happens(duplicates_))
        continue;  // one of its servers was away: a copy stays
      else
        place.mailbox->remove(*letter);
      continue;
    }
    if (letter->removed || !presented.current)
      refuse("InvalidParameterValue");
    else if (!out)
      refuse("MessageNotInflight");
    else
      letter->visible_at = now + std::chrono::seconds(entry.at("VisibilityTimeout").get<int>());
  }
  return {response(200, json{{"Successful", successful}, {"Failed", refused}}.dump()), {}};
}

}  // namespace simulation
