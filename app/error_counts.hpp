#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace app {

// How many kinds of error there are.
inline constexpr std::size_t errc_count = static_cast<std::size_t>(base::Errc::cancelled) + 1;

// How often each kind of error came, at the kind's own place.
using ErrorCounts = std::array<std::uint64_t, errc_count>;

// A series' columns for them: errors.transient, errors.throttled, …
inline std::vector<std::string> error_columns() {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < errc_count; ++i)
    names.push_back("errors." + std::string(base::to_string(static_cast<base::Errc>(i))));
  return names;
}

}  // namespace app
