#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace producer {

// What a rate must stay under to count as kept, and where and how long to try. At least one of the two.
struct Bounds {
  std::optional<std::chrono::microseconds> p99;  // of latency, from when a message was due
  std::optional<std::uint64_t> backlog;          // messages in the queue
  double from = 10;                              // messages a second to begin with
  double to = 1'000'000;                         // none higher is tried
  std::chrono::microseconds hold{5'000'000};     // how long each rate is kept
};

// One rate to be tried, and for how long.
struct Try {
  double rate = 0;
  std::chrono::microseconds hold{0};
  bool confirming = false;
};

// Searches for the highest rate that stays under bounds: doubles until one does not, halves what lies between
// until it is within 5 %, and confirms what it found for twice as long. A rate counts as too high once it
// failed twice, for a hiccup is not the limit. Knows no clock and no queue.
class Search {
 public:
  explicit Search(Bounds const& bounds) : bounds_(bounds), rate_(bounds.from) {}

  // Empty once it is decided.
  std::optional<Try> next() const;
  // How the try that next() gave went.
  void judge(bool kept);

  // The highest rate that was kept so far; 0 where none was.
  double best() const { return best_; }
  bool confirmed() const { return confirmed_; }

 private:
  void confirm();
  void narrow();

  Bounds bounds_;
  double rate_;
  double best_ = 0;
  std::optional<double> too_high_;
  bool again_ = false;
  bool confirming_ = false;
  int refuted_ = 0;
  bool confirmed_ = false;
  bool over_ = false;
};

}  // namespace producer
