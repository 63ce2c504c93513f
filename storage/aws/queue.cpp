#include "storage/aws/queue.hpp"

#include <algorithm>
#include <map>

#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "storage/aws/batches.hpp"

namespace storage::aws {

namespace {

constexpr std::size_t old_largest = 262'144;  // what every queue takes, also those from before 1 MiB
constexpr std::chrono::seconds longest_delay{900};
constexpr std::chrono::seconds longest_lease{43'200};
constexpr std::chrono::seconds longest_wait{20};
constexpr int lanes = 8;          // requests of one call side by side
constexpr int create_checks = 8;  // a queue may take a second or more to be known everywhere

std::chrono::seconds lease_within(std::chrono::seconds lease) {
  return std::clamp(lease, std::chrono::seconds(0), longest_lease);
}

Error invalid(std::string message) { return {Errc::invalid, std::move(message)}; }

// 1 to 128 letters, digits and punctuation: group and deduplication ids.
bool is_fifo_id(std::string_view text) {
  return !text.empty() && text.size() <= 128 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// Requests of up to ten messages whose bodies together stay within `largest`.
std::vector<std::vector<std::size_t>> cut(std::span<Outgoing const> messages,
                                          std::span<std::size_t const> picked, std::size_t largest) {
  std::vector<std::vector<std::size_t>> requests;
  std::size_t bytes = 0;
  for (auto const i : picked) {
    auto const size = messages[i].body.size() + sqs::attribute_bytes(messages[i]);
    if (requests.empty() || requests.back().size() == sqs::batch || bytes + size > largest) {
      requests.emplace_back();
      bytes = 0;
    }
    requests.back().push_back(i);
    bytes += size;
  }
  return requests;
}

// Groups go to chains, whole, so that each keeps its order and requests are still well filled.
std::vector<std::vector<std::size_t>> by_group(std::span<Outgoing const> messages,
                                               std::span<std::size_t const> picked) {
  std::vector<std::vector<std::size_t>> chains;
  std::map<std::string_view, std::size_t> chain_of;
  for (auto const i : picked) {
    auto const next = chain_of.size() % lanes;
    auto const chain = chain_of.emplace(messages[i].group, next).first->second;
    if (chain == chains.size()) chains.emplace_back();
    chains[chain].push_back(i);
  }
  return chains;
}

}  // namespace

SqsQueue::SqsQueue(Service service, Shared const& shared)
    : service_(std::move(service)),
      shared_(shared),
      fifo_(service_.endpoint().name.ends_with(".fifo")),
      url_(service_.endpoint().queue_url),
      largest_(old_largest) {}

Task<> SqsQueue::open(bool create) {
  if (url_.empty()) {
    auto const found = co_await find_url(create);
    if (!found) co_return found.error();
  }
  co_return co_await read_attributes(create);
}

Task<> SqsQueue::find_url(bool create) {
  constexpr std::string_view action = "GetQueueUrl";
  auto body = sqs::encode_get_queue_url(service_.endpoint().name);
  auto const reply = co_await service_.call(action, std::move(body));
  if (!reply) {
    if (reply.error().code == Errc::absent && create) co_return co_await create_queue();
    co_return reply.error();
  }
  auto url = sqs::decode_queue_url(reply->body);
  if (!url) co_return senseless(*reply, service_.target(), action);
  url_ = std::move(*url);
  co_return Result<>();
}

Task<> SqsQueue::create_queue() {
  constexpr std::string_view action = "CreateQueue";
  auto body = sqs::encode_create_queue(service_.endpoint().name);
  auto const reply = co_await service_.call(action, std::move(body));
  if (!reply) {
    // Somebody else made it meanwhile, with settings of their own.
    bool const exists =
        reply.error().service_code == "QueueNameExists" || reply.error().service_code == "QueueAlreadyExists";
    if (exists) co_return co_await find_url(false);
    co_return reply.error();
  }
  auto url = sqs::decode_queue_url(reply->body);
  if (!url) co_return senseless(*reply, service_.target(), action);
  url_ = std::move(*url);
  shared_.log.write(base::Level::info, "created the queue " + service_.endpoint().name);
  co_return Result<>();
}

Task<> SqsQueue::read_attributes(bool create) {
  constexpr std::string_view action = "GetQueueAttributes";
  constexpr std::string_view names[] = {"MaximumMessageSize", "MessageRetentionPeriod", "RedrivePolicy"};
  bool created = false;
  for (int check = 1;; ++check) {
    auto body = sqs::encode_get_attributes(url_, names);
    auto const reply = co_await service_.call(action, std::move(body));
    if (reply) {
      auto const attributes = sqs::decode_attributes(reply->body);
      // A queue without a redrive policy and on an old emulator may have nothing to tell.
      if (attributes) {
        redrive_policy_ = attributes->redrive_policy;
        if (attributes->retention)
          retention_ = std::chrono::seconds(
              static_cast<std::int64_t>(std::min<std::uint64_t>(*attributes->retention, 1U << 30U)));
        if (attributes->maximum_message_size && *attributes->maximum_message_size > 0)
          largest_ = static_cast<std::size_t>(*attributes->maximum_message_size);
      }
      co_return Result<>();
    }
    auto const& error = reply.error();
    if (error.service_code.find("AccessDenied") != std::string::npos) {
      shared_.log.write(base::Level::warning,
                        error.message + "; until then bodies over 262144 bytes are refused");
      co_return Result<>();
    }
    if (error.code != Errc::absent || !create || check == create_checks) co_return error;
    if (!created && !service_.endpoint().queue_url.empty()) {
      auto const made = co_await create_queue();
      if (!made) co_return made.error();
      created = true;
    } else {
      co_await shared_.clock.sleep(std::chrono::seconds(1));
    }
  }
}

QueueLimits SqsQueue::limits() const {
  QueueLimits limits;
  limits.send_batch = sqs::batch;
  limits.receive_batch = sqs::batch;
  limits.body = largest_;
  limits.xml_text = true;
  limits.fifo = fifo_;
  limits.long_poll = true;
  limits.attributes = true;
  limits.redrives = !redrive_policy_.empty();
  limits.max_delay = fifo_ ? std::chrono::seconds(0) : longest_delay;
  limits.min_lease = std::chrono::seconds(0);
  limits.max_lease = longest_lease;
  limits.max_ttl = std::chrono::seconds(0);
  limits.retention = retention_;
  return limits;
}

// A queue with a small limit for one message still takes this much in one request.
std::size_t SqsQueue::request_bytes() const { return std::max(largest_, old_largest); }

std::optional<Error> SqsQueue::unfit(Outgoing const& message) const {
  if (message.body.empty()) return invalid("SQS carries no empty bodies: give the message some text");
  if (message.body.size() > largest_)
    return Error(Errc::too_large, "the body has " + std::to_string(message.body.size()) +
                                      " bytes and the queue \"" + service_.endpoint().name +
                                      "\" takes at most " + std::to_string(largest_));
  if (!base::is_xml10(message.body))
    return invalid(
        "the body has a character that SQS cannot carry (only UTF-8 text of the characters of XML 1.0): use "
        "--encoding base64");
  if (message.ttl)
    return invalid("SQS has no lifetime for one message: leave --ttl out, the queue's own retention rules");
  if (fifo_ && message.delay.count() > 0)
    return invalid("a FIFO queue has no delay for one message: leave --delay out, or use a standard queue");
  if (message.delay > longest_delay)
    return invalid("SQS delays a message by at most 900 seconds, not " +
                   std::to_string(message.delay.count()));
  if (fifo_ && message.group.empty())
    return invalid("a message to a FIFO queue needs a group: give one (--group-id)");
  if (fifo_ && !is_fifo_id(message.group))
    return invalid("a FIFO group is 1 to 128 letters, digits and punctuation, without spaces");
  if (fifo_ && !message.deduplication_id.empty() && !is_fifo_id(message.deduplication_id))
    return invalid("a deduplication id is 1 to 128 letters, digits and punctuation, without spaces");
  return std::nullopt;
}

Task<std::vector<Rejected>> SqsQueue::send(std::span<Outgoing const> messages) {
  Batches batches(service_, shared_, "SendMessageBatch");
  std::vector<std::size_t> picked;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (auto error = unfit(messages[i]))
      batches.reject(i, std::move(*error));
    else
      picked.push_back(i);
  }
  // Only where a deduplication id has to be made up, or a trace context would make a message too large.
  std::vector<Outgoing> copies;
  auto const crowded = [this](Outgoing const& message) {
    return message.body.size() + sqs::attribute_bytes(message) > largest_;
  };
  if (std::any_of(picked.begin(), picked.end(), [&](auto i) {
        return (fifo_ && messages[i].deduplication_id.empty()) || crowded(messages[i]);
      })) {
    copies.assign(messages.begin(), messages.end());
    for (auto const i : picked) {
      auto& copy = copies[i];
      if (fifo_ && copy.deduplication_id.empty()) copy.deduplication_id = base::sha256_hex(copy.body);
      if (crowded(copy)) copy.traceparent = {};
    }
    messages = copies;
  }
  if (fifo_)
    for (auto const& chain : by_group(messages, picked)) batches.add(cut(messages, chain, request_bytes()));
  else
    for (auto& request : cut(messages, picked, request_bytes())) {
      std::vector<std::vector<std::size_t>> alone;
      alone.push_back(std::move(request));
      batches.add(std::move(alone));
    }
  Batches::Encode const encode = [this, messages](std::span<std::size_t const> entries) {
    return sqs::encode_send(url_, messages, entries, fifo_);
  };
  co_return co_await batches.run(encode, lanes);
}

Task<std::vector<Message>> SqsQueue::receive(Receive options) {
  constexpr std::string_view action = "ReceiveMessage";
  sqs::Poll poll;
  poll.at_most = std::clamp(options.at_most, 1, sqs::batch);
  poll.lease = lease_within(options.lease);
  auto const wait = std::chrono::ceil<std::chrono::seconds>(options.wait);
  auto const half = std::max(std::chrono::seconds(1), poll.lease / 2);
  poll.wait = std::clamp(wait, std::chrono::seconds(0), std::min(longest_wait, half));
  if (fifo_) poll.attempt_id = base::uuid(shared_.random);
  auto body = sqs::encode_receive(url_, poll);
  auto const before = shared_.clock.steady();
  auto const reply = co_await service_.call(action, std::move(body), poll.wait, options.stop);
  if (!reply) co_return reply.error();
  auto messages = sqs::decode_receive(reply->body);
  if (!messages) co_return senseless(*reply, service_.target(), action);
  for (auto& message : *messages) message.lease_until = before + poll.lease;
  co_return std::move(*messages);
}

Task<std::vector<Rejected>> SqsQueue::change_visibility(std::span<Message> messages,
                                                        std::chrono::seconds timeout) {
  timeout = lease_within(timeout);
  Batches batches(service_, shared_, "ChangeMessageVisibilityBatch");
  batches.add_all(messages.size());
  auto const before = shared_.clock.steady();
  Batches::Encode const encode = [&](std::span<std::size_t const> entries) {
    return sqs::encode_change_visibility(url_, messages, entries, timeout);
  };
  auto rejected = co_await batches.run(encode, lanes);
  if (!rejected) co_return rejected;
  std::size_t next = 0;  // they are in order
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (next < rejected->size() && (*rejected)[next].index == i)
      ++next;
    else
      messages[i].lease_until = before + timeout;
  }
  co_return rejected;
}

Task<std::vector<Rejected>> SqsQueue::extend(std::span<Message> messages, std::chrono::seconds lease) {
  return change_visibility(messages, lease);
}

Task<std::vector<Rejected>> SqsQueue::release(std::span<Message> messages, std::chrono::seconds delay) {
  return change_visibility(messages, delay);
}

Task<std::vector<Rejected>> SqsQueue::remove(std::span<Message const> messages) {
  Batches batches(service_, shared_, "DeleteMessageBatch");
  batches.add_all(messages.size());
  Batches::Encode const encode = [&](std::span<std::size_t const> entries) {
    return sqs::encode_delete(url_, messages, entries);
  };
  co_return co_await batches.run(encode, lanes);
}

Task<Depth> SqsQueue::depth() {
  constexpr std::string_view action = "GetQueueAttributes";
  constexpr std::string_view names[] = {"ApproximateNumberOfMessages",
                                        "ApproximateNumberOfMessagesNotVisible",
                                        "ApproximateNumberOfMessagesDelayed"};
  auto body = sqs::encode_get_attributes(url_, names);
  auto const reply = co_await service_.call(action, std::move(body));
  if (!reply) co_return reply.error();
  auto const attributes = sqs::decode_attributes(reply->body);
  if (!attributes || !attributes->visible) co_return senseless(*reply, service_.target(), action);
  Depth depth;
  depth.visible = *attributes->visible;
  depth.leased = attributes->leased;
  depth.delayed = attributes->delayed;
  co_return depth;
}

}  // namespace storage::aws
