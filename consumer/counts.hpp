#pragma once

#include <cstdint>

#include "app/error_counts.hpp"
#include "app/histogram.hpp"

namespace consumer {

struct Counts {
  std::uint64_t received = 0;
  std::uint64_t processed = 0;
  std::uint64_t persisted = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t abandoned = 0;  // handed back
  std::uint64_t dead_lettered = 0;
  std::uint64_t lease_lost = 0;
  std::uint64_t failed = 0;   // attempts that failed by the message's own fault
  app::ErrorCounts errors{};  // calls to the services that failed, by kind
  app::Histogram process;     // the work on one message
  app::Histogram end_to_end;  // from when it was produced to when its row was written

  void merge(Counts const& other) {
    received += other.received;
    processed += other.processed;
    persisted += other.persisted;
    acknowledged += other.acknowledged;
    abandoned += other.abandoned;
    dead_lettered += other.dead_lettered;
    lease_lost += other.lease_lost;
    failed += other.failed;
    for (std::size_t i = 0; i < errors.size(); ++i) errors[i] += other.errors[i];
    process.merge(other.process);
    end_to_end.merge(other.end_to_end);
  }
};

}  // namespace consumer
