#pragma once

#include <string_view>

#include "base/error.hpp"

namespace fuzz {

// Ends the program, saying `promise`, where it does not hold.
void must(bool holds, std::string_view promise);

// The promise of every error: a code fit for what happened, and one line of text that can be printed.
void must_be_told(base::Error const& error);

// One line: not empty, UTF-8, no control characters.
bool is_sentence(std::string_view text);
// A path and query fit for the first line of a request.
bool is_target(std::string_view text);

}  // namespace fuzz
