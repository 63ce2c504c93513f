#include "consumer/retry_delay.hpp"

#include <algorithm>
#include <cmath>

namespace consumer {

std::chrono::seconds retry_delay(std::chrono::microseconds base, int receive_count, double chance) {
  constexpr double most = 300;
  double const first = std::chrono::duration<double>(base).count();
  double const bound = std::min(most, first * std::ldexp(1.0, std::clamp(receive_count - 1, 0, 30)));
  return std::chrono::seconds(std::llround(bound * chance));
}

}  // namespace consumer
