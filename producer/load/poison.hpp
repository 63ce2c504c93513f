#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "producer/share.hpp"
#include "producer/strides.hpp"

namespace producer {

// Which messages of a run are bad on purpose: a share of them, evenly spread, by their number alone.
class Poison {
 public:
  Poison() = default;  // none
  // "0.1%" or "0.001", in steps of a millionth. invalid: the end of a sentence.
  static base::Result<Poison> parse(std::string_view text);

  bool any() const { return bad_ > 0; }
  bool bad(std::uint64_t seq) const { return any() && until(seq) > until(seq - 1); }
  // How many of 1, 2, … seq; to the nearest.
  std::uint64_t until(std::uint64_t seq) const { return (2 * seq * bad_ + of_) / (2 * of_); }
  // Those of the numbers `from` to `to` that are a share's own, as sequence numbers.
  std::vector<Stride> list(Share const& share, std::uint64_t from, std::uint64_t to) const;

 private:
  std::uint64_t bad_ = 0;  // so many
  std::uint64_t of_ = 1;   // … of so many
};

// Harms a body so that nobody can process it: its last brace becomes a comma, as if the rest had been cut
// off.
void poison(std::string& body);

}  // namespace producer
