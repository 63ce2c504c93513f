#include "http/retry_quota.hpp"

#include <algorithm>

namespace http {

int RetryQuota::take(base::Errc code) {
  int const price = code == base::Errc::throttled ? throttle_cost : transient_cost;
  if (available_ < price) return 0;
  available_ -= price;
  return price;
}

void RetryQuota::give_back(int price) { available_ = std::min(capacity, available_ + price); }

}  // namespace http
