#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace producer {

// "20261122T010203Z-4f9k2c": sorts by time, unique by chance (one in a thousand million within a second).
std::string new_run_id(base::System now, base::Random& random);

}  // namespace producer
