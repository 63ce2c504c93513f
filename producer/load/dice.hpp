#pragma once

#include <string_view>

#include "base/random.hpp"

namespace producer {

// Chance that belongs to one message of a run: the same run and number give the same sequence, on any machine
// and again after --resume. SplitMix64: cheap to begin anew for each message.
class Dice final : public base::Random {
 public:
  Dice(std::uint64_t run, std::uint64_t seq) : state_(run ^ (seq * 0xD1342543DE82EF95U)) { next(); }

  // What a run's name stands for in the constructor: FNV-1a.
  static std::uint64_t of(std::string_view run) {
    std::uint64_t hash = 0xCBF29CE484222325U;
    for (char const c : run) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
    return hash;
  }

  std::uint64_t next() override {
    auto z = state_ += 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

}  // namespace producer
