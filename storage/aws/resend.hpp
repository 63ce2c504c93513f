#pragma once

#include <optional>

#include "storage/aws/service.hpp"
#include "storage/aws/shared.hpp"

namespace storage::aws {

// Waits before the parts of a batch that a successful reply refused are sent again, by the policy and the
// budget that whole requests obey too; the service's gate and the
// counters hear of parts that were too much for it. One for
// each batch; a coroutine that holds it outlives its waits.
class Resend {
 public:
  Resend(Shared const& shared, Service const& service)
      : shared_(shared), origin_(service.endpoint().origin) {}

  // False where the attempts or the budget are spent: the failure stands.
  boost::asio::awaitable<bool> wait(base::Error error) {
    if (error.code == base::Errc::throttled && shared_.gates != nullptr)
      shared_.gates->gate(origin_)->throttled(shared_.clock.steady(), error.retry_after);
    if (error.code == base::Errc::throttled && shared_.counters != nullptr) ++shared_.counters->throttles;
    if (attempt_ >= shared_.policy.max_attempts) co_return false;
    int const price = shared_.quota.take(error.code);
    if (price == 0) co_return false;
    price_ = price;
    auto const delay = http::backoff(shared_.policy, error, attempt_, shared_.random.unit());
    ++attempt_;
    co_await shared_.clock.sleep(delay);
    co_return true;
  }
  // Some of what was refused has come through: attempts count from the last success.
  void progressed() {
    if (price_ > 0) shared_.quota.give_back(price_);
    price_ = 0;
    attempt_ = 1;
  }

 private:
  Shared const& shared_;
  http::Origin const& origin_;
  int attempt_ = 1;
  int price_ = 0;
};

}  // namespace storage::aws
