#pragma once

#include <chrono>
#include <optional>

#include "base/clock.hpp"
#include "http/headers.hpp"

namespace http {

// The service's own hint when to come back, in the order in which the hints are believed: retry-after-ms,
// x-ms-retry-after-ms, x-amz-retry-after (all milliseconds), retry-after (seconds or an HTTP date after
// `now`).
std::optional<std::chrono::milliseconds> retry_after(Headers const& headers, base::System now);

}  // namespace http
