#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

#include "base/clock.hpp"

namespace app {

// How fast messages are finished, by the last minute in which there was work: a consumer that waited for
// messages is no slower for that. One thread.
class Trend {
 public:
  // Called about once a second, with how many were finished so far and how many are held now.
  void sample(base::Steady now, std::uint64_t finished, std::uint64_t held);
  // Messages a second; 0 before five seconds of work were seen.
  double rate() const;
  // Whether rate() says anything yet.
  bool known() const;

 private:
  struct Busy {
    std::chrono::duration<double> span;
    std::uint64_t finished;
  };
  std::deque<Busy> busy_;
  std::chrono::duration<double> spans_{0};
  std::uint64_t done_ = 0;
  bool first_ = true;
  base::Steady last_{};
  std::uint64_t finished_ = 0;
};

}  // namespace app
