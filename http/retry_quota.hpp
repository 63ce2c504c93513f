#pragma once

#include "base/error.hpp"

namespace http {

// The retry budget that all requests of one client share: when a service fails for everyone, retries stop
// before they become the load that keeps it down. Figures as in the AWS SDKs' standard mode.
class RetryQuota {
 public:
  static constexpr int capacity = 500;
  static constexpr int transient_cost = 14;
  static constexpr int throttle_cost = 5;

  // Takes the price of one retry; 0 where the budget does not cover it.
  int take(base::Errc code);
  // A success after a retry gives back that retry's price; a success at once gives back 1.
  void give_back(int price);
  int available() const { return available_; }

 private:
  int available_ = capacity;
};

}  // namespace http
