#pragma once

#include <optional>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "http/retry_policy.hpp"
#include "http/retry_quota.hpp"

namespace storage::aws {

// Waits before the parts of a batch that a successful reply refused are sent again, by the policy and the
// budget that whole requests obey too. One for each batch; a coroutine that holds it outlives its waits.
class Resend {
 public:
  Resend(http::RetryPolicy const& policy, http::RetryQuota& quota, base::Clock& clock, base::Random& random)
      : policy_(policy), quota_(quota), clock_(clock), random_(random) {}

  // False where the attempts or the budget are spent: the failure stands.
  boost::asio::awaitable<bool> wait(base::Error error) {
    if (attempt_ >= policy_.max_attempts) co_return false;
    int const price = quota_.take(error.code);
    if (price == 0) co_return false;
    price_ = price;
    auto const delay = http::backoff(policy_, error, attempt_, random_.unit());
    ++attempt_;
    co_await clock_.sleep(delay);
    co_return true;
  }
  // Some of what was refused has come through: attempts count from the last success.
  void progressed() {
    if (price_ > 0) quota_.give_back(price_);
    price_ = 0;
    attempt_ = 1;
  }

 private:
  http::RetryPolicy const& policy_;
  http::RetryQuota& quota_;
  base::Clock& clock_;
  base::Random& random_;
  int attempt_ = 1;
  int price_ = 0;
};

}  // namespace storage::aws
