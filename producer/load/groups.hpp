#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/random.hpp"

namespace producer {

// How unequal the groups of a run are.
struct Skew {
  double zipf = 0;  // the k-th of them gets a share of 1/k^zipf; 0: each the same
  // "even", "zipf:1.1". invalid: the end of a sentence.
  static base::Result<Skew> parse(std::string_view text);
};

// Which of its groups a message belongs to.
class Groups {
 public:
  Groups(std::uint64_t count, Skew skew);
  std::uint64_t count() const { return count_; }
  // Counted from 0. In turn where they are even, else by chance; group 0 is the greatest.
  std::uint64_t of(std::uint64_t seq, base::Random& random) const;

 private:
  std::uint64_t count_;
  std::vector<double> shares_;  // summed up; empty: even
};

}  // namespace producer
