#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "base/planted.hpp"
#include "consumer/lane.hpp"

namespace consumer {

namespace asio = boost::asio;
using base::Errc;
using namespace std::chrono_literals;

// Whether its turn is now.
bool Lane::enter_group(Held& held) {
  if (!queue_->limits().fifo || held.message.group.empty()) return true;
  if (base::planted(base::Planted::ignore_group_order)) return true;
  auto& group = groups_[held.message.group];
  if (group.broken) {
    asio::co_spawn(loop_.io(), hand_back(held, 0s, HandBack::group), app::rethrow);
    return false;
  }
  if (group.first == nullptr) {
    group.first = &held;
    return true;
  }
  group.waiting.push_back(&held);
  return false;
}

void Lane::leave_group(Held& held) {
  auto const found = groups_.find(held.message.group);
  if (found == groups_.end()) return;
  auto& group = found->second;
  if (group.first != &held) {
    std::erase(group.waiting, &held);
    return;
  }
  group.first = nullptr;
  if (group.waiting.empty()) {
    groups_.erase(found);
    return;
  }
  group.first = group.waiting.front();
  group.waiting.pop_front();
  asio::co_spawn(loop_.io(), begin_next(*group.first), app::rethrow);
}

asio::awaitable<void> Lane::begin_next(Held& held) {
  bool const ours = co_await still_ours(held);
  if (!ours) co_return;
  if (!abandon_.stop_requested() && !fatal_) {
    begin(held);
    co_return;
  }
  co_await hand_back(held, 0s, HandBack::ending);
}

// Who waits behind it, taken out of the group; nobody may join it any more.
Lane::Batch Lane::take_group_behind(Held& held) {
  auto const found = groups_.find(held.message.group);
  if (found == groups_.end() || found->second.first != &held) return {};
  found->second.broken = true;
  Batch behind(found->second.waiting.begin(), found->second.waiting.end());
  found->second.waiting.clear();
  return behind;
}

asio::awaitable<void> Lane::hand_back_all(Batch batch) {
  std::vector<storage::Message> messages;
  for (Held* held : batch) {
    held->settling = true;
    if (held->renewing) co_await leases_.settled(*held);
  }
  for (Held* held : batch) {
    storage::Message handle;
    handle.id = held->message.id;
    handle.receipt = held->message.receipt;
    handle.group = held->message.group;
    messages.push_back(std::move(handle));
  }
  auto const result = co_await queue_->release(messages, 0s);
  std::vector<base::Error const*> failures(batch.size(), nullptr);
  if (result)
    for (auto const& rejected : *result) failures.at(rejected.index) = &rejected.error;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto const* failure = result ? failures[i] : nullptr;
    if (failure && failure->code == Errc::conflict) {
      lose(*batch[i]);
      continue;
    }
    if (failure || !result)
      complain("a message can't be handed back and returns when its lease ends",
               failure ? *failure : result.error());
    ++counts_.abandoned;
    ++meters_->abandoned[HandBack::group];
    drop(*batch[i]);
  }
}

}  // namespace consumer
