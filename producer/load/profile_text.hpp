#pragma once

#include <string_view>

#include "base/error.hpp"
#include "producer/load/profile.hpp"

namespace producer {

// The profile that a text describes: stretches joined by "+" or line ends, "#" begins a comment.
//   constant:200          for ever             constant:200/60s     for a minute
//   ramp:0..500/60s       in a straight line   step:100,200,400/30s each for half a minute
//   spike:50,1000@30s/5s  50, and from second 30 on 1000 for 5 seconds, then 50 for as long as before
//   sine:100±50/60s       one period around 100; "+-" does as well
// "*N" behind a stretch repeats it. Rates are messages a second. invalid: the end of a sentence that shows
// the text with a mark below the character where it stops making sense.
base::Result<Profile> parse_profile(std::string_view text);

}  // namespace producer
