#include "consumer/lane.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "base/planted.hpp"
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

// How many messages a step takes at once, and how many such batches are on their way: with few places four
// keep the batches full, with many the way to the service and back must not be what bounds them.
constexpr std::size_t step_batch = 100;
std::size_t side_by_side(std::size_t concurrency) {
  return std::clamp<std::size_t>(concurrency / step_batch, 4, 40);
}

}  // namespace

Lane::Lane(app::Loop& loop, std::unique_ptr<storage::Queue> queue, std::unique_ptr<storage::Table> table,
           Shared& shared, std::size_t index)
    : loop_(loop),
      queue_(std::move(queue)),
      table_(std::move(table)),
      shared_(shared),
      index_(index),
      concurrency_(std::max<std::size_t>(shared.settings.concurrency / shared.lanes +
                                             (index < shared.settings.concurrency % shared.lanes ? 1 : 0),
                                         1)),
      leases_(loop, *queue_, held_, shared.settings.lease),
      dead_letters_(loop, *queue_, *table_, shared.settings.dead_letter, shared.queue_uri, shared.encoding,
                    index < shared.letter_meters.size() ? shared.letter_meters[index] : nullptr),
      traces_(loop, shared.tracing, app::tracing::queue_place(shared.queue_uri),
              app::tracing::table_place(shared.table_uri)),
      // Batches of rows may be larger than one request: the table cuts them by partition and its own limits.
      persisting_(loop, step_batch, side_by_side(concurrency_), 1ms,
                  [this](Batch batch) { return persist(std::move(batch)); }),
      acknowledging_(loop, step_batch, side_by_side(concurrency_), 1ms,
                     [this](Batch batch) { return acknowledge(std::move(batch)); }),
      changed_(loop.io().get_executor()) {}

void Lane::finish() {
  finished_ = true;
  waking_.request_stop();
  changed_.notify();
}

void Lane::be_fatal(base::Error error) {
  if (fatal_) return;
  fatal_ = std::move(error);
  abandon_.request_stop();
  shared_.stop_all();
  finish();
}

// No waiting mends it: a file replaced under us, a queue that is gone while somebody waits for its end.
bool Lane::hopeless(base::Error const& error) const {
  if (error.code == Errc::invalid) return true;
  return shared_.settings.drain && (error.code == Errc::denied || error.code == Errc::absent);
}

// Lets work finish for most of the grace period; the rest of it is for handing back what did not.
asio::awaitable<void> Lane::limit_ending() {
  auto const soft = shared_.settings.grace * 4 / 5;
  co_await loop_.clock().sleep(soft, ended_.get_token());
  if (!ended_.stop_requested()) {
    abandon_.request_stop();
    co_await loop_.clock().sleep(shared_.settings.grace - soft, ended_.get_token());
  }
  over_ = !ended_.stop_requested();
  limited_ = true;
  changed_.notify();
}

asio::awaitable<void> Lane::run() {
  // The grace period begins with the signal, whatever is on its way then.
  std::stop_callback const stopped(loop_.stop(), [this] {
    if (base::planted(base::Planted::ignore_sigterm)) return;
    finish();
    limiting_ = true;
    asio::co_spawn(loop_.io(), limit_ending(), app::rethrow);
  });
  if (shared_.workers) workers_ = shared_.workers(loop_, index_);
  std::stop_source keeping;
  asio::co_spawn(loop_.io(), leases_.keep(keeping.get_token()), app::rethrow);

  // One receiver asks all the time; the others join while the queue fills whole batches: as many as could
  // fill all places, since a receive brings one batch in each round trip, however long that is.
  auto const batch = static_cast<std::size_t>(std::max(queue_->limits().receive_batch, 1));
  // One alone where order counts: of two replies on their way the later one may come first.
  auto const receivers = queue_->limits().fifo ? 1 : std::clamp<std::size_t>(concurrency_ / batch, 1, 64);
  for (std::size_t i = 0; i < receivers; ++i) {
    ++receivers_;
    asio::co_spawn(loop_.io(), receive(i == 0), [this](std::exception_ptr const& thrown) {
      --receivers_;
      changed_.notify();
      app::rethrow(thrown);
    });
  }
  while ((receivers_ > 0 || !held_.empty()) && !over_) co_await changed_.wait();
  // What is left of the grace period is theirs; without a signal they have had all the time they wanted.
  if (workers_ && over_) workers_->kill();
  if (workers_ && !over_) {
    auto ending = workers_->end(limiting_ ? shared_.settings.grace / 10 : shared_.settings.grace);
    co_await std::move(ending);
  }
  ended_.request_stop();
  keeping.request_stop();
  while (limiting_ && !limited_) co_await changed_.wait();
}

std::optional<base::System> Lane::oldest_held() const {
  std::optional<base::System> oldest;
  for (auto const& held : held_)
    if (auto const& sent = held.message.sent_at; sent && (!oldest || *sent < *oldest)) oldest = sent;
  return oldest;
}

std::uint64_t Lane::reserve(std::uint64_t wanted) {
  if (!shared_.settings.count) return wanted;
  auto taken = shared_.taken.load();
  std::uint64_t mine = 0;
  do {
    mine = std::min(wanted, *shared_.settings.count - std::min(*shared_.settings.count, taken));
  } while (!shared_.taken.compare_exchange_weak(taken, taken + mine));
  return mine;
}

asio::awaitable<void> Lane::wait_for_room() {
  bool const bounded = !base::planted(base::Planted::receive_without_bound);
  auto const batch = static_cast<std::size_t>(std::max(queue_->limits().receive_batch, 1));
  // A whole batch is worth a moment's wait, but slow messages must not starve quick ones.
  std::size_t const worth = std::min(batch, std::max<std::size_t>(concurrency_ / 4, 1));
  if (concurrency_ - held_.size() < worth) co_await loop_.clock().sleep(2ms, waking_.get_token());
  // What other receivers may bring counts: a receive for nothing would be one for a message all the same.
  while (held_.size() + receiving_ >= concurrency_ && bounded && !ending()) co_await changed_.wait();
}

asio::awaitable<void> Lane::receive(bool leader) {
  auto const& settings = shared_.settings;
  auto const limits = queue_->limits();
  int empty_in_row = 0;
  int failures = 0;
  while (!ending()) {
    if (!leader && !busy_) {
      co_await changed_.wait();
      continue;
    }
    co_await wait_for_room();
    if (ending()) break;
    auto const room = concurrency_ - std::min(concurrency_, held_.size() + receiving_);
    auto const wanted =
        reserve(std::min<std::uint64_t>(room, static_cast<std::uint64_t>(std::max(limits.receive_batch, 1))));
    if (wanted == 0 && room > 0) {
      // --count is promised to receives; whether it is reached they tell when they end.
      if (shared_.received >= *settings.count)
        finish();
      else
        co_await loop_.clock().sleep(20ms, waking_.get_token());
      continue;
    }
    storage::Receive options;
    options.at_most = static_cast<int>(wanted);
    options.lease = settings.lease;
    if (leader && limits.long_poll)
      options.wait = !settings.drain ? longest_poll(settings.grace) : confirmations_ > 0 ? 1'000ms : 200ms;
    options.stop = waking_.get_token();
    receiving_ += wanted;
    auto const begun = traces_.now();
    auto received = co_await queue_->receive(options);
    receiving_ -= wanted;
    changed_.notify();
    if (received) shared_.received += received->size();
    if (settings.count) shared_.taken -= wanted - (received ? received->size() : 0);
    if (!received) {
      if (received.error().code == Errc::cancelled) continue;
      ++failures;
      co_await pause_after(received.error(), failures);
      continue;
    }
    failures = 0;
    received_once_ = true;
    busy_ = received->size() >= wanted;
    if (busy_) changed_.notify();
    traces_.receiving();
    for (auto& message : *received) accept(std::move(message));
    traces_.received(begun, received->size());
    if (!received->empty()) {
      empty_in_row = 0;
      confirmations_ = 0;
      continue;
    }
    if (!leader) continue;
    ++empty_in_row;
    if (settings.drain && co_await drained()) {
      finish();
      break;
    }
    if (confirmations_ > 0 && limits.long_poll) continue;  // the next receive waits at the service
    if (!limits.long_poll || settings.drain)
      co_await loop_.clock().sleep(idle_pause(empty_in_row, settings.drain ? 500ms : 5'000ms),
                                   waking_.get_token());
  }
}

asio::awaitable<void> Lane::pause_after(base::Error error, int failures) {
  // The first contact tells whether the set-up is right; later, a queue that fails is waited for.
  if ((!received_once_ && error.code != Errc::throttled) || hopeless(error)) {
    be_fatal(std::move(error));
    co_return;
  }
  complain("the queue can't be read, trying on", error);
  auto const bound = std::min<std::chrono::milliseconds>(20s, 200ms * (1 << std::min(failures, 7)));
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

// Whose message it is, as far as its text says: a dead letter's row tells the audit.
void Lane::identify(Held& held) {
  auto said = app::salvage(held.message.body);
  said.original_id = std::move(held.body.original_id);
  held.body = std::move(said);
}

void Lane::begin(Held& held) {
  auto const limit = static_cast<std::uint64_t>(std::max(held.message.receive_count, 0));
  auto const suspect =
      base::planted(base::Planted::condemn_on_arrival) ? 1 : 3 * shared_.settings.max_receives;
  if (limit > suspect && !queue_->limits().redrives) {
    identify(held);
    held.condemned = Condemned::suspect;
    asio::co_spawn(loop_.io(),
                   give_up(held, "received " + std::to_string(limit) +
                                     " times without success or failure: it seems to end consumers"),
                   app::rethrow);
    return;
  }
  if (!held.message.defect.empty()) {
    meters_->processing_ended(Processing::undecodable, 0ns);
    return fail(held, held.message.defect, Condemned::undecodable);
  }
  auto body = app::decode(held.message.body);
  if (!body) {
    identify(held);
    meters_->processing_ended(Processing::undecodable, 0ns);
    return fail(held, body.error().message, Condemned::undecodable);
  }
  body->original_id = std::move(held.body.original_id);
  held.body = std::move(*body);
  traces_.arrived(held);
  if (shared_.settings.process.kind == Process::Kind::none) {
    ++counts_.processed;
    meters_->processing_ended(Processing::done, 0ns);
    traces_.processed(held, "done", "");
    persisting_.push(held);
    return;
  }
  held.cancel = std::stop_source();
  asio::co_spawn(loop_.io(), process(held), app::rethrow);
}

}  // namespace consumer
