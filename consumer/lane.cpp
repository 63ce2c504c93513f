#include "consumer/lane.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "app/row.hpp"
#include "base/planted.hpp"

namespace consumer {

namespace asio = boost::asio;
using base::Errc;
using namespace std::chrono_literals;

namespace {

std::size_t at_least_one(int limit) { return static_cast<std::size_t>(std::max(limit, 1)); }

// Room for a whole batch is worth a receive, or of few places nearly half of them: the messages that wait for
// others to go with must not keep the rest from taking turns.
std::size_t worth(storage::QueueLimits const& limits, std::size_t concurrency) {
  return std::min(at_least_one(limits.receive_batch), std::max<std::size_t>(concurrency * 7 / 16, 1));
}

// How many messages fill a request of the service that takes up to `limit`: of few places what one receive
// brings or half of them, so that the other half is on its way meanwhile.
std::size_t unit(int limit, int receive_batch, std::size_t concurrency) {
  return std::min({at_least_one(limit), std::max(at_least_one(receive_batch), concurrency / 2), concurrency});
}

// How many batches of a step are on their way: with many places the way to the service and back must not be
// what bounds them.
std::size_t side_by_side(std::size_t concurrency) {
  return std::clamp<std::size_t>(concurrency / 32, 4, 128);
}

Stage::Parted parted(storage::Table const& table) {
  if (!table.limits().by_partition) return nullptr;
  return [](Held const& one, Held const& next) { return !app::share_partition(one.body, next.body); };
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
      worth_(worth(queue_->limits(), concurrency_)),
      leases_(loop, *queue_, held_, shared.settings.lease),
      dead_letters_(loop, *queue_, *table_, shared.settings.dead_letter, shared.queue_uri, shared.encoding,
                    index < shared.letter_meters.size() ? shared.letter_meters[index] : nullptr),
      traces_(loop, shared.tracing, app::tracing::queue_place(shared.queue_uri),
              app::tracing::table_place(shared.table_uri)),
      persisting_(
          loop,
          // What was received together is most of a partition.
          table_->limits().by_partition
              ? worth_
              : unit(table_->limits().batch, queue_->limits().receive_batch, concurrency_),
          side_by_side(concurrency_), [this] { return linger(); }, parted(*table_),
          [this](Batch batch) { return persist(std::move(batch)); }),
      // What is sent in one request is removed in one, too.
      acknowledging_(
          loop, unit(queue_->limits().send_batch, queue_->limits().receive_batch, concurrency_),
          side_by_side(concurrency_), [this] { return linger(); }, nullptr,
          [this](Batch batch) { return acknowledge(std::move(batch)); }),
      changed_(loop.io().get_executor()) {}

void Lane::finish() {
  finished_ = true;
  waking_.request_stop();
  roomy_.request_stop();
  changed_.notify();
}

// Whether messages pass without work that takes its time, and without waiting for each other.
bool Lane::flowing() const {
  return shared_.settings.process.kind == Process::Kind::none && !queue_->limits().fifo;
}

// While the queue fills whole batches, what fills those of a step is on its way.
std::chrono::microseconds Lane::linger() const { return busy_ && flowing() ? 5ms : 1ms; }

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

  receiving_on_ = true;
  asio::co_spawn(loop_.io(), receive(), [this](std::exception_ptr const& thrown) {
    receiving_on_ = false;
    changed_.notify();
    app::rethrow(thrown);
  });
  while ((receiving_on_ || asking_ > 0 || !held_.empty()) && !over_) co_await changed_.wait();
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
