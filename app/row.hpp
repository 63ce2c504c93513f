#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "app/body.hpp"
#include "storage/core/queue.hpp"
#include "storage/core/table.hpp"

namespace app {

// Where the row of a run's message stands: PartitionKey "SS-RUN" with SS = ⌊seq/32⌋ mod 256 in hex, RowKey
// seq in twelve digits. Neighbours share a partition, so a receive of 32 is one or two transactions.
storage::Key key_of(std::string const& run, std::uint64_t seq);
// Whether key_of() puts both into one partition.
bool share_partition(Body const& one, Body const& other);
// For a message without run and seq: from the id that the service gave it first.
storage::Key key_of_id(std::string const& original_id);

struct RowFacts {
  std::string stamp_name;  // "dateStamp" or "destStamp"
  std::string consumer;    // who persists: host name or pod name
  base::System now;
  std::string stamp{};  // `now` as text, for many rows; empty: made for each
};

// The row for a message: the same key for every delivery.
storage::Entity make_row(Body const& body, storage::Message const& message, RowFacts const& facts);

// The moment that a stamp names; nothing where it is no stamp, or lies so far off that a difference would
// overflow.
std::optional<base::System> moment_of(std::string_view stamp);
// When the producer made the message, as far as it says.
std::optional<base::System> produced_at(Body const& body);

}  // namespace app
