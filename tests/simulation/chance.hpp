#pragma once

#include <cstdint>

#include "base/random.hpp"

namespace simulation {

// One stream of chance (splitmix64): small, quick to seed, the same on every machine.
class Chance final : public base::Random {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }
  bool happens(double probability) { return probability > 0 && unit() < probability; }
  // In [from, to].
  std::uint64_t between(std::uint64_t from, std::uint64_t to) { return from + below(to - from + 1); }
  // A stream of its own, so that what one part draws never shifts what another gets.
  Chance fork() { return Chance(next()); }

 private:
  std::uint64_t state_;
};

}  // namespace simulation
