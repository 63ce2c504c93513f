#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "http/gate.hpp"
#include "http/retry_policy.hpp"
#include "http/retry_quota.hpp"
#include "http/traffic.hpp"

namespace storage::aws {

// What the queues and tables of one cloud have in common. Outlives them.
struct Shared {
  base::Clock& clock;
  base::Random& random;
  base::Log& log;
  http::RetryQuota& quota;
  http::RetryPolicy policy;           // for parts of a batch that are sent again
  http::Gates* gates = nullptr;       // told of parts that were refused for their rate
  http::Retries* counters = nullptr;  // likewise; null: nobody counts
};

}  // namespace storage::aws
