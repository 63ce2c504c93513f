#pragma once

#include <vector>

#include "producer/load/arrivals.hpp"

namespace producer {

// One stretch of a profile: the rate goes in a straight line from `from` to `to`, with a sine of `amplitude`
// and `period` on top, for `seconds` (infinite where it never ends).
struct Stretch {
  double from = 0;
  double to = 0;
  double amplitude = 0;  // at most the lesser of `from` and `to`: a rate is never negative
  double period = 1;
  double seconds = 0;

  double rate(double at) const;
  // Messages due until `at` seconds from the stretch's start: the integral of the rate.
  double messages(double at) const;
};

// Stretches one after the other. The integral of the rate is solved for each message's number.
class Profile : public Arrivals {
 public:
  explicit Profile(std::vector<Stretch> stretches);
  // The same rate for ever.
  static Profile constant(double rate);

  std::optional<std::chrono::nanoseconds> due(std::uint64_t index) const override;
  std::uint64_t due_by(std::chrono::nanoseconds elapsed) const override;
  double rate(std::chrono::nanoseconds elapsed) const override;
  std::optional<std::chrono::nanoseconds> length() const override;

  std::vector<Stretch> const& stretches() const { return stretches_; }

 private:
  struct Begin {
    double seconds;   // of the stretch, since the start of the run
    double messages;  // due before it
  };
  std::vector<Stretch> stretches_;
  std::vector<Begin> begins_;  // one more than stretches: the last is the end
};

}  // namespace producer
