#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "http/client.hpp"
#include "http/retry_policy.hpp"
#include "http/retry_quota.hpp"

namespace http {

// Sends again what failed for a reason that may pass, within the policy and the shared quota. Returns the
// last response or error; `attempts` and `maybe_applied` tell of the ones before.
class Retrying final : public Client {
 public:
  Retrying(Client& inner, RetryPolicy policy, RetryQuota& quota, base::Clock& clock, base::Random& random,
           base::Log& log);
  Task<Response> send(Request request) override;

 private:
  Client& inner_;
  RetryPolicy policy_;
  RetryQuota& quota_;
  base::Clock& clock_;
  base::Random& random_;
  base::Log& log_;
};

}  // namespace http
