#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "app/error_counts.hpp"
#include "app/histogram.hpp"
#include "app/loops.hpp"
#include "app/tracing/place.hpp"
#include "app/tracing/tracing.hpp"
#include "base/event.hpp"
#include "base/tally.hpp"
#include "producer/checks.hpp"
#include "producer/ledger.hpp"
#include "producer/load/arrivals.hpp"
#include "producer/load/bodies.hpp"
#include "producer/traces.hpp"

namespace producer {

// What all loops of one run share.
struct Run {
  SendOptions options;
  storage::Encoding encoding = storage::Encoding::automatic;
  std::string id;
  Share share;
  std::uint64_t end = 0;                     // how many of its share may be sent
  base::Steady start;                        // when the first message of `arrivals` is due
  base::Steady origin;                       // when the whole run began: where its series counts from
  base::Steady deadline;                     // nothing is due at or after it
  std::shared_ptr<Arrivals const> arrivals;  // null: as fast as possible
  Ledger* ledger = nullptr;
  app::tracing::Tracing* tracing = nullptr;  // null: no traces
  app::tracing::Place place;                 // the queue, as spans name it
};

struct Counts {
  std::uint64_t started = 0;  // handed to the queue, whatever came of it
  std::uint64_t sent = 0;
  std::uint64_t failed = 0;
  std::uint64_t unknown = 0;
  std::uint64_t held_back = 0;  // due, but as many were in flight as --concurrency allows
  app::ErrorCounts errors{};    // of failed and unknown, by kind
  app::Histogram latency;       // from when the message was due
  app::Histogram service;       // from when it was sent
  void merge(Counts const& other);
};

// One loop's share of a run: takes sequence numbers as they are due and keeps up to `concurrency` in flight.
class Sender {
 public:
  // Latencies are recorded in `latency` too, where it is given.
  Sender(app::Loop& loop, storage::Queue& queue, Run const& run, std::size_t lane, std::size_t lanes,
         std::shared_ptr<base::Timings> latency = nullptr);

  // Sends one message and waits for it: whether this queue takes messages at all. An answer of the service's
  // own that can't be read is a yes: the message is counted as unknown, as any later one would be.
  base::Task<> probe();
  // Until the run is complete, its time is over or a stop is requested; then until all in flight have ended.
  boost::asio::awaitable<void> run();

  Counts const& counts() const { return counts_; }
  std::uint64_t in_flight() const { return in_flight_; }
  // When the last message was handed to the queue.
  base::Steady last_start() const { return last_start_; }

 private:
  struct Due {
    std::uint64_t number;  // of the run's share
    base::Steady when;
  };
  std::uint64_t room() const { return concurrency_ > in_flight_ ? concurrency_ - in_flight_ : 0; }
  bool past_patience(base::Steady now) const;
  boost::asio::awaitable<std::vector<Due>> next_batch();
  boost::asio::awaitable<void> send(std::vector<Due> batch);
  base::Task<> send_and_count(std::vector<Due> const& batch);
  void log_each(std::vector<Due> const& batch, std::vector<std::optional<base::Error>> const& failures);
  storage::Outgoing outgoing(std::uint64_t seq, storage::Traceparent const& traceparent);

  app::Loop& loop_;
  storage::Queue& queue_;
  Run const& run_;
  storage::QueueLimits limits_;
  Bodies bodies_;
  std::size_t lane_;
  std::size_t lanes_;
  std::uint64_t concurrency_;
  std::uint64_t batch_;
  bool serial_ = false;
  std::uint64_t in_flight_ = 0;
  std::uint64_t index_ = 0;  // of this lane's next message in the schedule
  base::Event freed_;
  base::Steady last_start_;
  base::Steady full_until_;  // when there was room again after the last time that there was none
  Counts counts_;
  std::shared_ptr<base::Timings> latency_;  // null: nobody reads it meanwhile
  Traces traces_;
};

}  // namespace producer
