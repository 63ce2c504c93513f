#include "stub/queue.hpp"

namespace stub {

void Queue::show(std::uint32_t place) {
  messages_[place].visible = true;
  visible_.push_back(place);
}

void Queue::hide(std::uint32_t place, Time until) {
  waiting_.push({until, place, ++messages_[place].change});
}

std::uint32_t Queue::add(Message message, std::chrono::seconds delay, Time now) {
  auto const place = static_cast<std::uint32_t>(messages_.size());
  messages_.push_back(std::move(message));
  ++live_;
  if (delay.count() > 0) {
    ++hidden_;
    hide(place, now + delay);
  } else {
    show(place);
  }
  return place;
}

void Queue::return_due(Time now) {
  while (!waiting_.empty() && waiting_.top().until <= now) {
    auto const due = waiting_.top();
    waiting_.pop();
    auto const& message = messages_[due.place];
    if (message.gone || message.visible || message.change != due.change) continue;
    --hidden_;
    show(due.place);
  }
}

void Queue::receive(std::size_t at_most, std::chrono::seconds lease, Time now, std::vector<Receipt>& out) {
  return_due(now);
  while (out.size() < at_most && !visible_.empty()) {
    auto const place = visible_.front();
    visible_.pop_front();
    auto& message = messages_[place];
    if (message.gone || !message.visible) continue;
    message.visible = false;
    ++message.receives;
    ++message.lease;
    ++hidden_;
    hide(place, now + lease);
    out.push_back({place, message.lease});
  }
}

bool Queue::remove(Receipt receipt) {
  if (!known(receipt.place) || messages_[receipt.place].lease != receipt.lease) return false;
  auto& message = messages_[receipt.place];
  if (!message.visible) --hidden_;
  message.visible = false;
  message.gone = true;
  --live_;
  return true;
}

bool Queue::renew(Receipt& receipt, std::chrono::seconds lease, bool same, Time now) {
  if (!known(receipt.place) || messages_[receipt.place].lease != receipt.lease) return false;
  auto& message = messages_[receipt.place];
  if (message.visible) return false;
  if (!same) receipt.lease = ++message.lease;
  if (lease.count() > 0) {
    hide(receipt.place, now + lease);
  } else {
    --hidden_;
    show(receipt.place);
  }
  return true;
}

void Queue::rewind() {
  visible_.clear();
  waiting_ = {};
  hidden_ = 0;
  live_ = messages_.size();
  for (std::uint32_t place = 0; place < messages_.size(); ++place) {
    auto& message = messages_[place];
    message.gone = false;
    message.receives = 0;
    ++message.lease;  // what was handed out before is worth nothing now
    show(place);
  }
}

}  // namespace stub
