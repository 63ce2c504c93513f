#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "producer/load/arrivals.hpp"

namespace producer {

// Messages at moments that were recorded before, each as time since the first.
class Replay : public Arrivals {
 public:
  explicit Replay(std::vector<std::chrono::nanoseconds> sorted) : moments_(std::move(sorted)) {}

  std::optional<std::chrono::nanoseconds> due(std::uint64_t index) const override;
  std::uint64_t due_by(std::chrono::nanoseconds elapsed) const override;
  double rate(std::chrono::nanoseconds elapsed) const override;  // over the second that `elapsed` is in
  std::optional<std::chrono::nanoseconds> length() const override;

 private:
  std::vector<std::chrono::nanoseconds> moments_;
};

// The schedule that a text of lines describes: JSON objects, or CSV under a header. With a `time` alone
// (also `timestamp`, `t`) each line is a message; with a `rate` too, each line says how many messages a
// second are due from then until the next line. Times are seconds, or ISO 8601; the first is the start.
// invalid: the end of a sentence that names the line.
base::Result<std::unique_ptr<Arrivals>> parse_replay(std::string_view text);

}  // namespace producer
