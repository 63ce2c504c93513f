#pragma once

#include <chrono>

namespace consumer {

// How long a failed message stays away: up to base · 2^(receive_count − 1), at most 5 minutes, with full
// jitter
// (`chance` in [0, 1)), so that what failed together does not come back together.
std::chrono::seconds retry_delay(std::chrono::microseconds base, int receive_count, double chance);

}  // namespace consumer
