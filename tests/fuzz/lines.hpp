#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/encoding.hpp"

namespace fuzz {

// Takes an input apart line by line, so that a corpus can be read and written by hand.
class Lines {
 public:
  explicit Lines(std::string_view input) : rest_(input) {}
  bool more() const { return !rest_.empty(); }
  std::string_view line() {
    auto const end = std::min(rest_.find('\n'), rest_.size());
    auto const line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return line;
  }
  // A line as a number below `bound`; 0 where it is none.
  std::uint64_t number(std::uint64_t bound) { return base::parse_u64(line()).value_or(0) % bound; }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace fuzz
