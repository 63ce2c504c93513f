#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace base {

// Somebody else's words, fit for one line of a log: at most `most` bytes of UTF-8 without control characters,
// trimmed. What follows the first byte that is not UTF-8 is left out.
std::string one_line(std::string_view text, std::size_t most = 300);

}  // namespace base
