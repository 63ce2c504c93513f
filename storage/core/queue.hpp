#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "storage/core/rejected.hpp"
#include "storage/core/traceparent.hpp"

namespace storage {

// A message to send.
struct Outgoing {
  std::string body;
  std::chrono::seconds delay{0};            // not visible before
  std::optional<std::chrono::seconds> ttl;  // nothing: the longest the service keeps it (Azure: for ever)
  std::string group;                        // FIFO queues only
  std::string deduplication_id;             // FIFO queues only
  Traceparent traceparent;                  // where limits().attributes and there is room
};

// A message received and leased to us.
struct Message {
  std::string id;       // the service's own; the same for every delivery
  std::string receipt;  // proves the lease; changes when the lease is extended on some services
  std::string body;
  int receive_count = 1;                // this delivery included
  std::optional<base::System> sent_at;  // by the service's clock, where it tells
  std::optional<base::System> expires_at;
  base::Steady lease_until;  // by our clock, counted from before the request
  std::string group;         // FIFO queues only
  std::string traceparent;   // as it was sent, where limits().attributes; else empty
  std::string defect;        // why the text could not be decoded; empty when it could
};

// How many messages there are, as far as the service tells; counts may lag by a minute.
struct Depth {
  std::uint64_t visible = 0;
  std::optional<std::uint64_t> leased;   // nothing: not told, or already in `visible`
  std::optional<std::uint64_t> delayed;  // likewise
  bool exact = false;
  std::uint64_t total() const { return visible + leased.value_or(0) + delayed.value_or(0); }
};

// What a queue can take. Known after open().
struct QueueLimits {
  int send_batch = 1;       // messages in one send request
  int receive_batch = 1;    // messages in one receive request
  std::size_t body = 0;     // bytes of text on the wire
  bool xml_text = false;    // only characters of XML 1.0 can be carried
  bool fifo = false;        // groups are kept in order
  bool long_poll = false;   // receive can wait for a first message
  bool attributes = false;  // a trace context travels beside the body
  bool redrives = false;    // the service moves poison messages to a dead-letter queue by a policy of its own
  std::chrono::seconds max_delay{0};
  std::chrono::seconds min_lease{0};
  std::chrono::seconds max_lease{0};
  std::optional<std::chrono::seconds> retention;  // how long the service keeps a message, where it tells
  std::optional<std::chrono::seconds> max_ttl;    // nothing: any; zero: a lifetime per message is not offered
};

struct Receive {
  int at_most = 1;  // more than the limit is taken as the limit
  std::chrono::seconds lease{60};
  std::chrono::milliseconds wait{0};  // longest wait for a first message, where limits().long_poll
  std::stop_token stop;               // ends retries and local waits; the request in flight is finished
};

// An at-least-once queue with leases. One object serves one event loop.
//
// A batch call returns the items that failed and an Error only where the whole call failed. Errors: absent
// (no such queue), denied, throttled, transient, invalid (a forbidden name, a body the wire can't carry),
// too_large; conflict on an item: its lease is lost.
class Queue {
 public:
  virtual ~Queue() = default;

  // Makes ready: reads limits, finds addresses, makes the queue where `create` and it is absent. Call once,
  // first.
  virtual Task<> open(bool create) = 0;
  virtual QueueLimits limits() const = 0;

  // Any number of messages; cut into requests by the service's limits, sent side by side.
  virtual Task<std::vector<Rejected>> send(std::span<Outgoing const> messages) = 0;
  // An empty vector when there is nothing.
  virtual Task<std::vector<Message>> receive(Receive options) = 0;
  // Extends leases to `lease` from now; stores new receipts and lease_until in the messages.
  virtual Task<std::vector<Rejected>> extend(std::span<Message> messages, std::chrono::seconds lease) = 0;
  // Hands back, visible after `delay`.
  virtual Task<std::vector<Rejected>> release(std::span<Message> messages, std::chrono::seconds delay) = 0;
  // Acknowledges. A message that is gone already counts as removed.
  virtual Task<std::vector<Rejected>> remove(std::span<Message const> messages) = 0;
  virtual Task<Depth> depth() = 0;
  // Where limits().redrives: the URI of the queue that poison messages go to; else empty. Known after open().
  virtual std::string dead_letters() const { return {}; }
};

}  // namespace storage
