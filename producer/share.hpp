#pragma once

#include <cstdint>

namespace producer {

// Which sequence numbers of a run are one instance's: those that leave `remainder` when divided by
// `instances`. Its own are counted 1, 2, 3, … as `number`.
struct Share {
  std::uint64_t instances = 1;
  std::uint64_t remainder = 0;

  std::uint64_t first() const { return remainder == 0 ? instances : remainder; }
  std::uint64_t seq(std::uint64_t number) const {
    return number == 0 ? 0 : first() + (number - 1) * instances;
  }
  bool owns(std::uint64_t seq) const { return seq % instances == remainder; }
  // How many of its own are `seq` or less: the number of one that it owns.
  std::uint64_t number(std::uint64_t seq) const {
    return seq < first() ? 0 : (seq - first()) / instances + 1;
  }
  bool operator==(Share const&) const = default;
};

constexpr std::uint64_t most_instances = 10'000;

}  // namespace producer
