#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "http/client.hpp"
#include "http/gate.hpp"
#include "http/retry_policy.hpp"
#include "http/retry_quota.hpp"
#include "http/traffic.hpp"

namespace http {

// Sends again what failed for a reason that may pass, within the policy and the shared quota; each attempt at
// the pace that the service's gate allows, where there are gates; counts where there are counters. Returns
// the last response or error; `attempts` and `maybe_applied` tell of the ones before.
class Retrying final : public Client {
 public:
  Retrying(Client& inner, RetryPolicy policy, RetryQuota& quota, base::Clock& clock, base::Random& random,
           base::Log& log, Gates* gates = nullptr, Retries* counters = nullptr);
  Task<Response> send(Request& request) override;

 private:
  base::Steady place_of(Request const& request);

  Client& inner_;
  RetryPolicy policy_;
  RetryQuota& quota_;
  base::Clock& clock_;
  base::Random& random_;
  base::Log& log_;
  Gates* gates_;
  Retries* counters_;
  std::shared_ptr<Gate> gate_;  // of the origin that was asked last, which rarely changes
  Origin origin_;
};

}  // namespace http
