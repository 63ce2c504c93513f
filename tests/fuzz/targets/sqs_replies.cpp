// SQS's JSON: replies to receive, send, delete, change visibility and of attributes, and its faults.
#include <nlohmann/json.hpp>
#include <numeric>

#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"
#include "storage/aws/errors.hpp"
#include "storage/aws/sqs_wire.hpp"

using namespace storage::aws;

namespace {

void can_be_answered(std::vector<storage::Message> const& messages) {
  using nlohmann::json;
  std::vector<std::size_t> picked(messages.size());
  std::iota(picked.begin(), picked.end(), std::size_t{0});
  auto const deleted = json::parse(sqs::encode_delete("https://q", messages, picked), nullptr, false);
  fuzz::must(deleted.is_object(), "what was received can be deleted");
  auto const changed = json::parse(
      sqs::encode_change_visibility("https://q", messages, picked, std::chrono::seconds(9)), nullptr, false);
  fuzz::must(changed.is_object(), "what was received can be handed back");
  std::vector<storage::Outgoing> outgoing;
  for (auto const& message : messages) outgoing.emplace_back().body = message.body;
  auto const sent = json::parse(sqs::encode_send("https://q", outgoing, picked, true), nullptr, false);
  fuzz::must(sent.is_object(), "what was received can be sent");
  for (std::size_t i = 0; i < messages.size(); ++i) {
    fuzz::must(deleted["Entries"][i]["ReceiptHandle"] == messages[i].receipt,
               "a receipt goes back as it came");
    fuzz::must(sent["Entries"][i]["MessageBody"] == messages[i].body, "a body is sent as it is");
  }
}

}  // namespace

void fuzz::sqs_replies(std::string_view input) {
  (void)sqs::decode_attributes(input);
  if (auto const url = sqs::decode_queue_url(input)) must(!url->empty(), "a queue's URL is one");
  if (auto const messages = sqs::decode_receive(input)) {
    for (auto const& message : *messages) {
      must(!message.id.empty() && !message.receipt.empty(), "a message can be deleted");
      must(message.receive_count >= 1, "a message was received once at least");
    }
    can_be_answered(*messages);
  }
  storage::aws::Target const target{
      "SQS", "sqs:", "queue", "q", "eu-west-1", "https://sqs.example", "the keys of AWS_ACCESS_KEY_ID"};
  for (std::size_t const count : {std::size_t{0}, std::size_t{1}, std::size_t{10}})
    if (auto const outcomes = sqs::decode_batch(input, count)) {
      must(outcomes->size() == count, "every entry has an outcome");
      for (auto const& outcome : *outcomes)
        if (!outcome.done)
          must_be_told(entry_failure(outcome.fault, outcome.sender_fault, target, "SendMessageBatch"));
    }
  for (int const status : {200, 400, 403, 413, 503}) {
    http::Response response;
    response.status = status;
    response.body = input;
    auto const error = failure(response, target, "ReceiveMessage");
    must(status == 200 || error, "what is no success is a failure");
    if (error) must_be_told(*error);
  }
}
