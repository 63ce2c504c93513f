#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "app/options.hpp"
#include "app/seeing.hpp"
#include "producer/load/arrivals.hpp"
#include "storage/core/encoded.hpp"
#include "storage/core/queue.hpp"

namespace producer {

struct SendOptions {
  std::optional<std::uint64_t> count;
  std::chrono::microseconds duration{0};  // zero: no limit
  double rate = 0;                        // messages a second; 0: as fast as possible
  std::shared_ptr<Arrivals const> profile;
  std::uint64_t size = 0;  // bytes of the body on the wire; 0: as it comes
  std::uint64_t concurrency = 64;
  std::chrono::microseconds delay{0};
  std::optional<std::chrono::microseconds> ttl;
  std::string group_id;
  std::string run;
  std::string manifest;
  bool resume = false;
  bool strict_rate = false;
  app::Seeing seeing;
};

// Options that contradict each other whatever the backend. invalid: the sentence.
base::Result<void> check(app::Command const& command, SendOptions const& options);

// Options that this queue lacks. `size` (0: as it comes) and `least`, the longest body of this run without
// --size, are bytes before encoding, as limits.body is.
base::Result<void> check(app::Command const& command, SendOptions const& options,
                         storage::QueueLimits const& limits, std::size_t size, std::size_t least);

}  // namespace producer
