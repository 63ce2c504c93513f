#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "base/planted.hpp"
#include "consumer/lane.hpp"

namespace consumer {

namespace asio = boost::asio;
using base::Errc;
using namespace std::chrono_literals;

namespace {

// How long an empty queue is left alone: grows to `most`, and snaps back with the first message.
std::chrono::milliseconds idle_pause(int empty_in_row, std::chrono::milliseconds most) {
  return std::min(most, 50ms * (1 << std::min(empty_in_row, 10)));
}

// A poll under way when the consumer is asked to end is waited for, since it may bring messages that have to
// be handed back: it must leave time for that.
std::chrono::milliseconds longest_poll(std::chrono::microseconds grace) {
  return std::min(10'000ms, std::chrono::milliseconds(std::chrono::floor<std::chrono::seconds>(grace / 2)));
}

}  // namespace

std::uint64_t Lane::reserve(std::uint64_t wanted) {
  if (!shared_.settings.count) return wanted;
  auto taken = shared_.taken.load();
  std::uint64_t mine = 0;
  do {
    mine = std::min(wanted, *shared_.settings.count - std::min(*shared_.settings.count, taken));
  } while (!shared_.taken.compare_exchange_weak(taken, taken + mine));
  return mine;
}

// What receives on their way may bring counts: one for nothing would be one for a message all the same.
std::size_t Lane::room() const { return concurrency_ - std::min(concurrency_, held_.size() + receiving_); }

void Lane::room_made() {
  changed_.notify();
  if (room() >= worth_) roomy_.request_stop();
}

asio::awaitable<void> Lane::wait_for_room() {
  bool const bounded = !base::planted(base::Planted::receive_without_bound);
  while (room() == 0 && bounded && !ending()) co_await changed_.wait();
  if (room() >= worth_ || ending() || !bounded) co_return;
  // A whole batch is worth a wait, but messages that take long must not starve quick ones: where none takes
  // any time but the services', those held are through in a moment.
  auto const patience = flowing() ? 100ms : 2ms;
  roomy_ = std::stop_source();
  co_await loop_.clock().sleep(patience, roomy_.get_token());
}

// One receive is always on its way, and leads: it waits at the service and tells when the queue is empty.
// While the queue fills whole batches others go beside it: as many as could fill all places, since a receive
// brings one batch in each round trip, however long that is.
asio::awaitable<void> Lane::receive() {
  auto const limits = queue_->limits();
  auto const batch = static_cast<std::size_t>(std::max(limits.receive_batch, 1));
  // One alone where order counts: of two replies on their way the later one may come first.
  auto const side_by_side = limits.fifo ? 1 : std::clamp<std::size_t>(concurrency_ / batch, 1, 160);
  while (!ending()) {
    if (asking_ >= side_by_side || (leading_ && !busy_)) {
      co_await changed_.wait();
      continue;
    }
    co_await wait_for_room();
    if (ending()) break;
    auto const wanted = reserve(std::min(room(), batch));
    if (wanted == 0 && room() > 0) {
      // --count is promised to receives; whether it is reached they tell when they end.
      if (shared_.received >= *shared_.settings.count)
        finish();
      else
        co_await loop_.clock().sleep(20ms, waking_.get_token());
      continue;
    }
    ++asking_;
    receiving_ += wanted;
    bool const leader = !leading_;
    leading_ = true;
    asio::co_spawn(loop_.io(), ask(wanted, leader), app::rethrow);
  }
}

asio::awaitable<void> Lane::ask(std::uint64_t wanted, bool leader) {
  bool const rest = co_await ask_once(wanted, leader);
  if (rest) co_await rest_after_nothing();
  if (leader) leading_ = false;
  --asking_;
  changed_.notify();
}

// Whether the queue is to be left alone for a while.
asio::awaitable<bool> Lane::ask_once(std::uint64_t wanted, bool leader) {
  auto const& settings = shared_.settings;
  storage::Receive options;
  options.at_most = static_cast<int>(wanted);
  options.lease = settings.lease;
  if (leader && queue_->limits().long_poll)
    options.wait = !settings.drain ? longest_poll(settings.grace) : confirmations_ > 0 ? 1'000ms : 200ms;
  options.stop = waking_.get_token();
  auto const begun = traces_.now();
  auto received = co_await queue_->receive(std::move(options));
  receiving_ -= wanted;
  auto const count = received ? received->size() : 0;
  shared_.received += count;
  if (settings.count) shared_.taken -= wanted - count;
  busy_ = received && count >= wanted;
  if (!received) {
    room_made();
    if (received.error().code == Errc::cancelled) co_return false;
    co_await pause_after(received.error(), leader);
    co_return false;
  }
  failures_ = 0;
  received_once_ = true;
  traces_.receiving();
  for (auto& message : *received) accept(std::move(message));
  traces_.received(begun, count);
  if (count < wanted) room_made();
  if (count > 0) {
    empty_in_row_ = 0;
    confirmations_ = 0;
  }
  co_return count == 0 && leader;
}

// Nothing came: the end, or a pause.
asio::awaitable<void> Lane::rest_after_nothing() {
  bool const drain = shared_.settings.drain;
  bool const long_poll = queue_->limits().long_poll;
  ++empty_in_row_;
  if (drain && co_await drained()) {
    finish();
    co_return;
  }
  if (confirmations_ > 0 && long_poll) co_return;  // the next receive waits at the service
  if (!long_poll || drain)
    co_await loop_.clock().sleep(idle_pause(empty_in_row_, drain ? 500ms : 5'000ms), waking_.get_token());
}

asio::awaitable<void> Lane::pause_after(base::Error error, bool leader) {
  // The first contact tells whether the set-up is right; later, a queue that fails is waited for.
  if ((!received_once_ && error.code != Errc::throttled) || hopeless(error)) {
    be_fatal(std::move(error));
    co_return;
  }
  complain("the queue can't be read, trying on", error);
  // The others stay away by themselves until the leader has brought a whole batch again.
  if (!leader) co_return;
  ++failures_;
  auto const bound = std::min<std::chrono::milliseconds>(20s, 200ms * (1 << std::min(failures_, 7)));
  auto const wait = std::chrono::duration<double>(bound) * (0.5 + loop_.random().unit() / 2);
  co_await loop_.clock().sleep(std::chrono::duration_cast<std::chrono::nanoseconds>(wait),
                               waking_.get_token());
}

// Nothing left anywhere: nothing here, and the service counts nothing. Where its counts may lag, that and an
// empty receive have to be seen twice.
asio::awaitable<bool> Lane::drained() {
  if (!held_.empty() || receiving_ > 0) {
    confirmations_ = 0;
    co_return false;
  }
  auto const depth = co_await queue_->depth();
  if (!depth) {
    if (hopeless(depth.error()))
      be_fatal(depth.error());
    else
      complain("the queue's depth can't be read", depth.error());
  }
  bool const nothing = depth && depth->total() == 0 && held_.empty() && receiving_ == 0;
  confirmations_ = nothing ? confirmations_ + 1 : 0;
  co_return nothing && (depth->exact || confirmations_ >= 2);
}

void Lane::accept(storage::Message message) {
  held_.emplace_back();
  Held& held = held_.back();
  held.self = std::prev(held_.end());
  held.message = std::move(message);
  auto original = app::original_of(std::move(held.message.body));
  held.message.body = std::move(original.body);
  held.body.original_id = std::move(original.id);
  ++counts_.received;
  // Came while ending: back at once, so that nobody waits for a whole lease.
  if (loop_.stop().stop_requested() || fatal_) {
    asio::co_spawn(loop_.io(), hand_back(held, 0s, HandBack::ending), app::rethrow);
    return;
  }
  if (enter_group(held)) begin(held);
}

}  // namespace consumer
