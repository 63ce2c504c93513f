#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/aws/errors.hpp"
#include "storage/core/queue.hpp"

// Bodies of SQS's JSON protocol, as pure functions. API reference:
// docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html
// Decoders give nothing for a body that is not what the page says, and never throw.
namespace storage::aws::sqs {

constexpr int batch = 10;  // entries in one request, messages in one reply

std::string encode_get_queue_url(std::string_view name);
// A name that ends in .fifo makes a FIFO queue. It keeps messages for as long as SQS does, 14 days.
std::string encode_create_queue(std::string_view name);
std::string encode_get_attributes(std::string_view queue_url, std::span<std::string_view const> names);
// What the message's attributes add to its size, as the service counts: names, types and values.
std::size_t attribute_bytes(Outgoing const& message);
// Entry k is messages[picked[k]] and has the id "k". Texts must be UTF-8.
std::string encode_send(std::string_view queue_url, std::span<Outgoing const> messages,
                        std::span<std::size_t const> picked, bool fifo);

struct Poll {
  int at_most = 1;
  std::chrono::seconds lease{0};
  std::chrono::seconds wait{0};
  std::string attempt_id;  // FIFO: a repeated request gets the same messages; empty for none
};
std::string encode_receive(std::string_view queue_url, Poll const& poll);
std::string encode_change_visibility(std::string_view queue_url, std::span<Message const> messages,
                                     std::span<std::size_t const> picked, std::chrono::seconds timeout);
std::string encode_delete(std::string_view queue_url, std::span<Message const> messages,
                          std::span<std::size_t const> picked);

std::optional<std::string> decode_queue_url(std::string_view body);

struct Attributes {
  std::optional<std::uint64_t> maximum_message_size;  // bytes
  std::optional<std::uint64_t> visible, leased, delayed;
  std::string redrive_policy;                     // JSON; empty where the queue has none
  std::optional<std::uint64_t> retention, delay;  // seconds
  std::string key;                                // of its encryption; empty for the service's own
};
std::optional<Attributes> decode_attributes(std::string_view body);
// The URI of the queue that a redrive policy names, e.g. "aws://eu-west-1/q-dead"; empty for no such policy.
std::string dead_letters_of(std::string_view redrive_policy);

// What became of one entry of a batch.
struct Outcome {
  bool done = false;
  bool sender_fault = false;
  Fault fault;  // where not done; without a code where the reply does not mention the entry
};
std::optional<std::vector<Outcome>> decode_batch(std::string_view body, std::size_t count);
// Without lease_until, which only the caller's clock knows. Messages without id or receipt are left out:
// nothing can be done with them.
std::optional<std::vector<Message>> decode_receive(std::string_view body);

}  // namespace storage::aws::sqs
