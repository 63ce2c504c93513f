#pragma once

#include <string_view>

#include "base/error.hpp"
#include "producer/load/search.hpp"

namespace producer {

constexpr std::string_view search_word = "find-max";

// find-max:p99<50ms,backlog<1000,from=10,to=5000/5s: one of the two bounds or both, and where one likes the
// rate to begin with [10], the highest to try [1,000,000] and how long to keep each [5s]. invalid: the end of
// a sentence that shows the text with a mark below the character where it stops making sense.
base::Result<Bounds> parse_search(std::string_view text);

}  // namespace producer
