#include "consumer/leases.hpp"

#include <algorithm>
#include <vector>

#include "base/planted.hpp"
namespace consumer {

namespace asio = boost::asio;

Leases::Leases(app::Loop& loop, storage::Queue& queue, std::list<Held>& held, std::chrono::seconds lease)
    : loop_(loop), queue_(queue), held_(held), lease_(lease), renewed_(loop.io().get_executor()) {}

bool Leases::alive(Held const& held) const {
  if (base::planted(base::Planted::ignore_lost_lease)) return true;
  return !held.lost && held.message.lease_until > loop_.clock().steady();
}

asio::awaitable<void> Leases::keep(std::stop_token stop) {
  using namespace std::chrono_literals;
  auto const tick = std::max<std::chrono::nanoseconds>(std::chrono::nanoseconds(lease_) / 8, 100ms);
  while (!stop.stop_requested()) {
    co_await loop_.clock().sleep(tick, stop);
    if (!stop.stop_requested() && !base::planted(base::Planted::no_renewal)) co_await renew();
  }
}

asio::awaitable<void> Leases::settled(Held& held) {
  while (held.renewing) co_await renewed_.wait();
}

asio::awaitable<void> Leases::renew() {
  auto const half = loop_.clock().steady() + std::chrono::nanoseconds(lease_) / 2;
  std::vector<Held*> due;
  std::vector<storage::Message> handles;  // all but the body, which renewal does not need
  for (auto& held : held_) {
    if (held.settling || held.lost || held.message.lease_until > half) continue;
    storage::Message handle;
    handle.id = held.message.id;
    handle.receipt = held.message.receipt;
    handle.group = held.message.group;
    handle.receive_count = held.message.receive_count;
    handle.lease_until = held.message.lease_until;
    handles.push_back(std::move(handle));
    held.renewing = true;
    due.push_back(&held);
  }
  if (due.empty()) co_return;
  auto const result = co_await queue_.extend(handles, lease_);
  std::vector<bool> renewed(due.size(), result.has_value());
  if (result) {
    for (auto const& rejected : *result) {
      renewed.at(rejected.index) = false;
      if (rejected.error.code != base::Errc::conflict && rejected.error.code != base::Errc::absent) continue;
      Held& held = *due[rejected.index];
      held.lost = true;
      held.cancel.request_stop();
    }
  } else {
    // Tried again at the next tick; a lease that runs out meanwhile is not alive() any more.
    loop_.log().write(base::Level::warning, "leases could not be renewed: " + base::describe(result.error()));
  }
  for (std::size_t i = 0; i < due.size(); ++i) {
    due[i]->renewing = false;
    if (!renewed[i]) continue;
    due[i]->message.receipt = std::move(handles[i].receipt);
    due[i]->message.lease_until = handles[i].lease_until;
  }
  renewed_.notify();
}

}  // namespace consumer
