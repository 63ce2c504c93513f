#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

namespace producer {

// Sequence numbers at the same distance from each other: first, first + step, … last.
struct Stride {
  std::uint64_t first = 1;
  std::uint64_t last = 1;
  std::uint64_t step = 1;
  // Of numbers that lie on it.
  bool sound(std::uint64_t most) const {
    return first > 0 && first <= last && last <= most && step > 0 && (last - first) % step == 0;
  }
  bool contains(std::uint64_t seq) const { return seq >= first && seq <= last && (seq - first) % step == 0; }
  bool operator==(Stride const&) const = default;
};

// Looks numbers up in any amount of strides.
class Strides {
 public:
  void insert(Stride stride) { by_step_[stride.step][stride.first % stride.step].push_back(stride); }
  bool empty() const { return by_step_.empty(); }
  bool contains(std::uint64_t seq) const {
    for (auto const& [step, by_rest] : by_step_) {
      auto const found = by_rest.find(seq % step);
      if (found == by_rest.end()) continue;
      for (auto const& stride : found->second)
        if (stride.contains(seq)) return true;
    }
    return false;
  }

 private:
  std::map<std::uint64_t, std::unordered_map<std::uint64_t, std::vector<Stride>>> by_step_;
};

}  // namespace producer
