#include "storage/azure/queue.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/gather.hpp"
#include "base/planted.hpp"
#include "storage/azure/outcomes.hpp"
#include "storage/azure/queue_wire.hpp"

namespace storage::azure {

namespace {

constexpr std::size_t side_by_side = 32;

http::Request request_of(std::string method, std::string target, std::string operation) {
  http::Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.operation = std::move(operation);
  return request;
}

}  // namespace

Task<> AzureQueue::open(bool create) {
  if (create) {
    auto request = request_of("PUT", channel_->path(), "CreateQueue");
    auto const made = co_await channel_->send(request, 201, 204);
    // It may be there with other metadata, which is nothing to us.
    if (!made && made.error().service_code != "QueueAlreadyExists") co_return made.error();
    co_return Result<>();
  }
  auto request = request_of("GET", channel_->path() + "?comp=metadata", "GetQueueMetadata");
  auto const found = co_await channel_->send(request, 200);
  // Who may only send or only process can't read the metadata; the work itself will tell.
  if (!found && found.error().service_code != "AuthorizationPermissionMismatch") co_return found.error();
  co_return Result<>();
}

QueueLimits AzureQueue::limits() const {
  QueueLimits limits;
  limits.send_batch = 1;
  limits.receive_batch = max_receive;
  limits.body = max_message;
  limits.xml_text = true;
  limits.max_delay = max_visibility;
  limits.min_lease = std::chrono::seconds(1);
  limits.max_lease = max_visibility;
  return limits;
}

asio::awaitable<void> AzureQueue::put(Outgoing const& message, Outcome& outcome) {
  outcome = check_message(message);
  if (outcome) co_return;
  auto target = put_target(channel_->path(), message.delay, message.ttl);
  auto request = request_of("POST", std::move(target), "PutMessage");
  request.headers.add("Content-Type", "application/xml");
  request.body = encode_message(message.body);
  auto const reply = co_await channel_->send(request, 201);
  if (!reply) {
    outcome = reply.error();
  } else if (!tells_of_message(reply->body)) {
    outcome = channel_->strange(*reply, "its reply to a sent message can't be read");
  }
}

Task<std::vector<Rejected>> AzureQueue::send(std::span<Outgoing const> messages) {
  std::vector<Outcome> outcomes(messages.size());
  std::function<asio::awaitable<void>(std::size_t)> const one = [&](std::size_t i) {
    return put(messages[i], outcomes[i]);
  };
  co_await base::gather(messages.size(), side_by_side, one);
  co_return collect(outcomes);
}

Task<std::vector<Message>> AzureQueue::receive(Receive options) {
  if (options.lease < std::chrono::seconds(1) || options.lease > max_visibility)
    co_return Error(Errc::invalid, "a lease of " + std::to_string(options.lease.count()) +
                                       " s is not offered: Azure Queue storage leases for 1 s to 7 days");
  auto target = get_target(channel_->path(), options.at_most, options.lease);
  auto request = request_of("GET", std::move(target), "GetMessages");
  request.stop = options.stop;
  // From before the first attempt: early is safe, late would be a lease that nobody holds.
  auto const lease_until = channel_->clock().steady() + options.lease;
  auto const reply = co_await channel_->send(request, 200);
  if (!reply) co_return reply.error();
  auto messages = decode_messages(reply->body);
  if (!messages) co_return channel_->strange(*reply, "its list of messages can't be read");
  for (auto& message : *messages) message.lease_until = lease_until;
  co_return std::move(*messages);
}

asio::awaitable<void> AzureQueue::update(Message& message, std::chrono::seconds visibility,
                                         Outcome& outcome) {
  auto request = request_of("PUT", update_target(channel_->path(), message, visibility), "UpdateMessage");
  auto const lease_until = channel_->clock().steady() + visibility;
  auto const reply = co_await channel_->send(request, 204);
  if (!reply) {
    outcome = reply.error();
    // Gone for good: removed by whoever held it since.
    if (outcome->http_status == 404 && outcome->service_code != "QueueNotFound")
      outcome->code = Errc::conflict;
    co_return;
  }
  auto const receipt = reply->headers.find("x-ms-popreceipt");
  if (!receipt || receipt->empty()) {
    outcome = channel_->strange(*reply, "it gave no new receipt for a message");
    co_return;
  }
  if (!base::planted(base::Planted::keep_old_receipt)) message.receipt = *receipt;
  message.lease_until = lease_until;
}

Task<std::vector<Rejected>> AzureQueue::update_all(std::span<Message> messages,
                                                   std::chrono::seconds visibility) {
  if (visibility.count() < 0 || visibility > max_visibility)
    co_return Error(Errc::invalid, "a visibility timeout of " + std::to_string(visibility.count()) +
                                       " s is not offered: Azure Queue storage takes 0 s to 7 days");
  std::vector<Outcome> outcomes(messages.size());
  std::function<asio::awaitable<void>(std::size_t)> const one = [&](std::size_t i) {
    return update(messages[i], visibility, outcomes[i]);
  };
  co_await base::gather(messages.size(), side_by_side, one);
  co_return collect(outcomes);
}

Task<std::vector<Rejected>> AzureQueue::extend(std::span<Message> messages, std::chrono::seconds lease) {
  return update_all(messages, lease);
}

Task<std::vector<Rejected>> AzureQueue::release(std::span<Message> messages, std::chrono::seconds delay) {
  return update_all(messages, delay);
}

asio::awaitable<void> AzureQueue::drop(Message const& message, Outcome& outcome) {
  auto request = request_of("DELETE", delete_target(channel_->path(), message), "DeleteMessage");
  auto const reply = co_await channel_->send(request, 204);
  if (reply) co_return;
  auto const& error = reply.error();
  bool const gone = error.http_status == 404 && error.service_code == "MessageNotFound";
  if (!gone) outcome = error;
}

Task<std::vector<Rejected>> AzureQueue::remove(std::span<Message const> messages) {
  std::vector<Outcome> outcomes(messages.size());
  std::function<asio::awaitable<void>(std::size_t)> const one = [&](std::size_t i) {
    return drop(messages[i], outcomes[i]);
  };
  co_await base::gather(messages.size(), side_by_side, one);
  co_return collect(outcomes);
}

Task<Depth> AzureQueue::depth() {
  auto request = request_of("GET", channel_->path() + "?comp=metadata", "GetQueueMetadata");
  auto const reply = co_await channel_->send(request, 200);
  if (!reply) co_return reply.error();
  auto const text = reply->headers.find("x-ms-approximate-messages-count");
  auto const count = text ? base::parse_u64(*text) : std::nullopt;
  if (!count) co_return channel_->strange(*reply, "it does not tell how many messages the queue holds");
  Depth depth;
  depth.visible = *count;  // leased and delayed messages included
  co_return depth;
}

}  // namespace storage::azure
