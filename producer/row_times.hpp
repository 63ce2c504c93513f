#pragma once

#include <cstdint>
#include <map>

#include "app/histogram.hpp"
#include "app/series.hpp"
#include "base/clock.hpp"

namespace producer {

// When messages were produced and when their rows were written, second by second, from rows in any order and
// in bounded memory: more than `most` seconds are taken together in pairs, and those again.
class RowTimes {
 public:
  static constexpr std::size_t most = 512;

  void take(base::System produced, base::System persisted);
  // From when the first message was produced: `produced` and `persisted` in each row, `waiting` (produced and
  // no row yet) at its end, and `end_to_end_ms` of what was written in it.
  void fill(app::Series& series) const;
  static app::Series::Shape shape();

 private:
  struct Part {
    std::uint64_t produced = 0;
    std::uint64_t persisted = 0;
    app::Histogram end_to_end;
  };
  Part& at(base::System moment);
  void widen();

  std::map<std::int64_t, Part> parts_;  // by their number since 1970
  std::int64_t seconds_ = 1;            // that each spans
};

}  // namespace producer
