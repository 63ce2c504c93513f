#pragma once

#include <vector>

#include "app/metrics/sheet.hpp"

namespace app {

enum class Role { producer, consumer };

// The metrics that a program tells, as docs/metrics.md lists them (a test compares the two).
std::vector<Family> families_of(Role role);

}  // namespace app
