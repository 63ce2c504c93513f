#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/error.hpp"

// From the text of an option to its value. Errors are the end of a sentence: "is not a whole number".
namespace app {

// Digits, with "_" or "," between them if one likes.
base::Result<std::uint64_t> parse_whole(std::string_view text, std::uint64_t least, std::uint64_t most);
// A decimal number ≥ 0, as 12 or 0.5.
base::Result<double> parse_decimal(std::string_view text);
// A number with a unit: us, ms, s, m, h, d; without one it is seconds.
base::Result<std::chrono::microseconds> parse_duration(std::string_view text);
// true, false, 1, 0, yes, no, on, off.
base::Result<bool> parse_flag(std::string_view text);

}  // namespace app
