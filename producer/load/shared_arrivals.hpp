#pragma once

#include <memory>

#include "producer/load/arrivals.hpp"
#include "producer/share.hpp"

namespace producer {

// One instance's share of a run's arrivals: the message with sequence number n of the run is due as the n-th
// of the whole, so that all instances together keep its rate, evenly, without knowing of each other.
class SharedArrivals final : public Arrivals {
 public:
  SharedArrivals(std::shared_ptr<Arrivals const> whole, Share share)
      : whole_(std::move(whole)), share_(share) {}

  std::optional<std::chrono::nanoseconds> due(std::uint64_t index) const override {
    return whole_->due(share_.seq(index + 1) - 1);
  }
  std::uint64_t due_by(std::chrono::nanoseconds elapsed) const override {
    return share_.number(whole_->due_by(elapsed));
  }
  double rate(std::chrono::nanoseconds elapsed) const override {
    return whole_->rate(elapsed) / static_cast<double>(share_.instances);
  }
  std::optional<std::chrono::nanoseconds> length() const override { return whole_->length(); }

 private:
  std::shared_ptr<Arrivals const> whole_;
  Share share_;
};

}  // namespace producer
