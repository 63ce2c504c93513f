#include "http/retry_policy.hpp"

#include <algorithm>

namespace http {

using std::chrono::milliseconds;

milliseconds backoff_bound(RetryPolicy const& policy, Errc code, int attempt) {
  auto bound = code == Errc::throttled ? policy.throttle_base : policy.transient_base;
  for (int i = 1; i < attempt && bound < policy.cap; ++i) bound *= 2;
  return std::min(bound, policy.cap);
}

milliseconds backoff(RetryPolicy const& policy, Error const& error, int attempt, double chance) {
  auto const bound = backoff_bound(policy, error.code, attempt);
  milliseconds const computed(static_cast<std::int64_t>(static_cast<double>(bound.count()) * chance));
  if (!error.retry_after) return computed;
  if (policy.hint_slack) return std::clamp(*error.retry_after, computed, computed + *policy.hint_slack);
  return std::max(computed, std::min(*error.retry_after, policy.hint_cap));
}

}  // namespace http
