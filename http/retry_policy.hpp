#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "http/client.hpp"

namespace http {

// When and how long to wait before the next attempt. The figures follow the AWS SDKs' "standard" retry mode.
struct RetryPolicy {
  int max_attempts = 3;  // the first one included
  std::chrono::milliseconds transient_base{50};
  std::chrono::milliseconds throttle_base{1'000};
  std::chrono::milliseconds cap{20'000};  // of the back-off, before jitter
  // Where set, a service's own hint is held between the computed delay and the computed delay plus this;
  // otherwise the hint is the least time waited, at most `hint_cap`.
  std::optional<std::chrono::milliseconds> hint_slack;
  std::chrono::milliseconds hint_cap{60'000};
  // What a response means: nothing for success or an answer that no retry changes; else the Error, of which
  // `transient` and `throttled` are tried again.
  std::function<std::optional<Error>(Response const&)> classify;
};

// The upper bound of the wait before attempt `attempt + 1`: min(cap, base * 2^(attempt - 1)).
std::chrono::milliseconds backoff_bound(RetryPolicy const& policy, Errc code, int attempt);

// The wait itself: full jitter below the bound (`chance` in [0, 1)), then the service's hint.
std::chrono::milliseconds backoff(RetryPolicy const& policy, Error const& error, int attempt, double chance);

}  // namespace http
