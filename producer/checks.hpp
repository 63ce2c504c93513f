#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "app/options.hpp"
#include "app/seeing.hpp"
#include "producer/load/arrivals.hpp"
#include "producer/load/bodies.hpp"
#include "producer/load/search.hpp"
#include "storage/core/queue.hpp"

namespace producer {

struct SendOptions {
  std::optional<std::uint64_t> count;
  std::chrono::microseconds duration{0};  // zero: no limit
  double rate = 0;                        // messages a second; 0: as fast as possible
  std::shared_ptr<Arrivals const> profile;
  std::optional<Bounds> search;  // in place of a profile: look for the highest rate
  Payload payload;
  std::uint64_t concurrency = 64;
  std::chrono::microseconds delay{0};
  std::optional<std::chrono::microseconds> ttl;
  std::string group_id;
  std::string run;
  std::string manifest;
  bool resume = false;
  std::uint64_t instances = 1;  // of whom this is `instance`; the last is also 0
  std::uint64_t instance = 0;
  std::optional<base::System> start_at;
  bool strict_rate = false;
  app::Seeing seeing;
};

// Options that contradict each other whatever the backend. invalid: the sentence.
base::Result<void> check(app::Command const& command, SendOptions const& options);

// The sizes of a run's bodies in bytes before encoding, as limits.body is.
struct BodySizes {
  std::size_t least = 0;  // that --size asks for; 0: as they come
  std::size_t most = 0;
  std::size_t natural = 0;  // the longest without --size
};

// Options that this queue lacks. invalid, too_large: the sentence.
base::Result<void> check(app::Command const& command, SendOptions const& options,
                         storage::QueueLimits const& limits, BodySizes const& sizes);

}  // namespace producer
