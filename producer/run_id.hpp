#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace producer {

// "20261122T010203.000004-4f9k": sorts by time to the microsecond, unique by chance beyond.
std::string new_run_id(base::System now, base::Random& random);

}  // namespace producer
