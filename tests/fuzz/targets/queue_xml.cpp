// The Queue service's reply to Get and Put, and what we put there.
#include "base/encoding.hpp"
#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"
#include "storage/azure/queue_wire.hpp"

using namespace storage::azure;

namespace {

std::string reply_of(std::string_view put) {
  constexpr std::string_view begin = "<MessageText>", end = "</MessageText>";
  auto const from = put.find(begin);
  auto const to = put.rfind(end);
  fuzz::must(from != put.npos && to != put.npos && from < to, "a message stands in its element");
  return "<QueueMessagesList><QueueMessage><MessageId>i</MessageId><PopReceipt>r</PopReceipt>" +
         std::string(put.substr(from, to + end.size() - from)) + "</QueueMessage></QueueMessagesList>";
}

void must_be_same(storage::Message const& a, storage::Message const& b) {
  fuzz::must(a.id == b.id && a.receipt == b.receipt && a.body == b.body, "both readers read the same text");
  fuzz::must(a.receive_count == b.receive_count && a.sent_at == b.sent_at && a.expires_at == b.expires_at,
             "both readers read the same numbers and dates");
}

}  // namespace

void fuzz::queue_xml(std::string_view input) {
  auto const parsed = parse_messages(input);
  must(tells_of_message(input) == (parsed && !parsed->empty()), "both readers tell of the same");
  if (auto const messages = decode_messages(input); messages || parsed) {
    must(messages && parsed && messages->size() == parsed->size(), "both readers read the same");
    for (std::size_t i = 0; i < messages->size(); ++i) must_be_same((*messages)[i], (*parsed)[i]);
    for (auto const& message : *messages) {
      must(!message.id.empty() && !message.receipt.empty(), "a message can be deleted");
      must(message.receive_count >= 0, "a receive count is a count");
      must(is_target(delete_target("/q", message)), "a receipt fits into a request");
      must(is_target(update_target("/q", message, std::chrono::seconds(1))), "a receipt fits into a request");
    }
  }

  storage::Outgoing outgoing;
  outgoing.body = input;
  if (auto const error = check_message(outgoing)) return must_be_told(*error);
  auto const again = decode_messages(reply_of(encode_message(input)));
  must(again && again->size() == 1, "what was put can be got");
  must(again->front().body == input, "a body comes back as it was put");
}
