#include "producer/sender.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <exception>

#include "base/planted.hpp"
#include "producer/pacing.hpp"

namespace producer {

namespace asio = boost::asio;
using base::Error;

void Counts::merge(Counts const& other) {
  started += other.started;
  sent += other.sent;
  failed += other.failed;
  unknown += other.unknown;
  held_back += other.held_back;
  for (std::size_t i = 0; i < errors.size(); ++i) errors[i] += other.errors[i];
  latency.merge(other.latency);
  service.merge(other.service);
}

Sender::Sender(app::Loop& loop, storage::Queue& queue, Run const& run, std::size_t lane, std::size_t lanes,
               std::shared_ptr<base::Timings> latency)
    : loop_(loop),
      queue_(queue),
      run_(run),
      limits_(queue.limits()),
      bodies_(run.id, run.options.payload, run.encoding, limits_.body),
      lane_(lane),
      lanes_(lanes),
      freed_(loop.io().get_executor()),
      latency_(std::move(latency)),
      traces_(loop, run.tracing, run.place, run.id) {
  concurrency_ = std::max<std::uint64_t>(
      run.options.concurrency / lanes + (lane < run.options.concurrency % lanes ? 1 : 0), 1);
  // Two batches in flight at least, so that one is filled while the other travels.
  batch_ = std::clamp<std::uint64_t>(concurrency_ / 2, 1,
                                     static_cast<std::uint64_t>(std::max(limits_.send_batch, 1)));
  // Order within a group is kept by one lane that sends one batch after the other.
  serial_ = limits_.fifo;
  if (serial_) lanes_ = 1;
}

storage::Outgoing Sender::outgoing(std::uint64_t seq, storage::Traceparent const& traceparent) {
  using std::chrono::ceil;
  using std::chrono::seconds;
  auto const& options = run_.options;
  storage::Outgoing message;
  bool const beside = limits_.attributes;
  if (beside) message.traceparent = traceparent;
  message.body =
      bodies_.make(seq, loop_.clock().system(), beside ? std::string_view() : std::string_view(traceparent));
  message.delay = ceil<seconds>(options.delay);
  if (options.ttl) message.ttl = ceil<seconds>(*options.ttl);
  if (limits_.fifo) {
    bool const one = !options.group_id.empty() && !options.payload.grouped;
    message.group = one ? options.group_id : bodies_.group(seq);
    message.deduplication_id = run_.id + '-' + std::to_string(seq);
  }
  return message;
}

base::Task<> Sender::send_and_count(std::vector<Due> const& batch) {
  std::vector<storage::Outgoing> messages;
  messages.reserve(batch.size());
  Traces::Batch traced(traces_, batch.size());
  for (auto const& due : batch) {
    auto const seq = run_.share.seq(due.number);
    messages.push_back(outgoing(seq, traced.begin(seq)));
  }
  traced.sending();
  auto const begun = loop_.clock().steady();
  last_start_ = begun;
  counts_.started += batch.size();
  auto const result = co_await queue_.send(messages);
  auto const ended = loop_.clock().steady();

  std::vector<std::optional<Error>> failures(batch.size());
  if (!result)
    for (auto& failure : failures) failure = result.error();
  else
    for (auto const& rejected : *result) failures.at(rejected.index) = rejected.error;
  traced.sent(failures);
  std::optional<Error> first;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto const& failure = failures[i];
    bool const taken = !failure || (failure->maybe_applied && base::planted(base::Planted::unknown_as_sent));
    if (taken) {
      ++counts_.sent;
      counts_.latency.record(ended - batch[i].when);
      if (latency_) latency_->record(ended - batch[i].when);
      counts_.service.record(ended - begun);
      run_.ledger->record(batch[i].number, Outcome::acknowledged);
      continue;
    }
    if (!first) first = failure;
    ++counts_.errors[static_cast<std::size_t>(failure->code)];
    if (failure->maybe_applied && !base::planted(base::Planted::unknown_as_failed)) {
      ++counts_.unknown;
      run_.ledger->record(batch[i].number, Outcome::unknown);
    } else {
      ++counts_.failed;
      run_.ledger->record(batch[i].number, Outcome::failed);
    }
  }
  if (loop_.log().wants(base::Level::debug)) log_each(batch, failures);
  if (first) co_return *first;
  co_return base::Result<void>();
}

void Sender::log_each(std::vector<Due> const& batch, std::vector<std::optional<Error>> const& failures) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto const seq = std::to_string(run_.share.seq(batch[i].number));
    base::Field const fields[] = {{"run", run_.id}, {"seq", seq}};
    loop_.log().write(base::Level::debug,
                      failures[i] ? "a message was not sent: " + base::describe(*failures[i])
                                  : std::string("a message was sent"),
                      fields);
  }
}

base::Task<> Sender::probe() {
  auto const [from, to] = run_.ledger->claim(1, run_.end);
  if (to < from) co_return base::Result<void>();
  std::vector<Due> const batch{{from, loop_.clock().steady()}};
  ++index_;  // it is the schedule's first, due at the start
  auto const result = co_await send_and_count(batch);
  if (result) co_return result;
  auto const& error = result.error();
  // A request id is the service's: what else answers in its place, a proxy's login page, has none.
  bool const answered =
      error.code == base::Errc::transient && error.maybe_applied && !error.request_id.empty();
  if (!answered) co_return result;
  base::Field const fields[] = {{"run", run_.id}};
  loop_.log().write(base::Level::warning,
                    "it is unknown whether the first message was sent: " + base::describe(error), fields);
  co_return base::Result<void>();
}

asio::awaitable<void> Sender::send(std::vector<Due> batch) {
  auto const result = co_await send_and_count(batch);
  in_flight_ -= batch.size();
  freed_.notify();
  if (result) co_return;
  base::Field const fields[] = {{"run", run_.id}};
  loop_.log().write(base::Level::warning, "a message could not be sent: " + base::describe(result.error()),
                    fields);
}

// What is due before the deadline is still sent a little after it; a service that can't keep up doesn't make
// the run last for ever.
bool Sender::past_patience(base::Steady now) const {
  return run_.deadline != base::Steady::max() && now >= run_.deadline + std::chrono::seconds(1);
}

asio::awaitable<std::vector<Sender::Due>> Sender::next_batch() {
  auto& clock = loop_.clock();
  auto const stop = loop_.stop();
  std::vector<Due> batch;
  bool const paced = run_.arrivals != nullptr;
  std::uint64_t const wanted = paced ? 1 : batch_;
  bool full = false;
  while ((serial_ ? in_flight_ > 0 : room() < wanted) && !stop.stop_requested()) {
    full = true;
    co_await freed_.wait();
  }
  if (stop.stop_requested()) co_return batch;
  auto const freed = clock.steady();
  if (full) full_until_ = freed;

  std::uint64_t count = std::min(room(), batch_);
  std::optional<Schedule> schedule;
  if (paced) {
    schedule.emplace(run_.start, *run_.arrivals, lane_, lanes_);
    auto const due = schedule->due(index_);
    if (!due || *due >= run_.deadline || past_patience(freed)) co_return batch;
    co_await clock.sleep_until(*due, stop);
    if (stop.stop_requested()) co_return batch;
    count = std::min(count, schedule->due_by(clock.steady(), index_));
    while (count > 1 && schedule->due(index_ + count - 1) >= run_.deadline) --count;
  } else if (clock.steady() >= run_.deadline) {
    co_return batch;
  }
  auto const [from, to] = run_.ledger->claim(count, run_.end);
  auto const now = clock.steady();
  for (auto number = from; number <= to; ++number) {
    batch.push_back({number, paced ? *schedule->due(index_) : now});
    if (paced && batch.back().when < full_until_) ++counts_.held_back;
    ++index_;
  }
  co_return batch;
}

asio::awaitable<void> Sender::run() {
  using namespace std::chrono_literals;
  auto& clock = loop_.clock();
  if (serial_ && lane_ != 0) co_return;
  std::stop_callback const wake(loop_.stop(), [this] { freed_.notify(); });
  while (!loop_.stop().stop_requested() && !run_.ledger->failure()) {
    auto batch = co_await next_batch();
    if (batch.empty()) break;
    std::uint64_t const last = batch.back().number;
    while (!run_.ledger->covers(last) && !run_.ledger->failure()) co_await clock.sleep(1ms);
    if (run_.ledger->failure()) break;  // never sent, and the file on disk does not claim more
    in_flight_ += batch.size();
    asio::co_spawn(loop_.io(), send(std::move(batch)), app::rethrow);
  }
  while (in_flight_ > 0) co_await freed_.wait();
}

}  // namespace producer
