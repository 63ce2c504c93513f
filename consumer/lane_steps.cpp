#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>

#include "app/row.hpp"
#include "base/planted.hpp"
#include "base/time.hpp"
#include "consumer/lane.hpp"
#include "consumer/retry_delay.hpp"

namespace consumer {

namespace asio = boost::asio;
using base::Errc;
using namespace std::chrono_literals;

namespace {

// A row that the table will refuse however often it is offered; everything else is the table's trouble.
bool refused_for_ever(Errc code) { return code == Errc::invalid || code == Errc::too_large; }

Processing processing_of(Verdict::Kind kind) {
  switch (kind) {
    case Verdict::Kind::done:
      return Processing::done;
    case Verdict::Kind::refused:
      return Processing::refused;
    case Verdict::Kind::cancelled:
      return Processing::cancelled;
    case Verdict::Kind::failed:
      break;
  }
  return Processing::failed;
}

// A call that failed as a whole, as one failure for all of its messages.
std::array<base::Error const*, 1> all(base::Error const& error) { return {&error}; }

}  // namespace

asio::awaitable<Verdict> Lane::work_on(Held& held, std::stop_token stop) {
  Verdict verdict;
  if (workers_) {
    Job job;
    job.id = held.body.original_id.empty() ? held.message.id : held.body.original_id;
    job.body = held.message.body;
    job.run = held.body.run;
    job.seq = held.body.seq;
    job.group = held.message.group;
    job.traceparent = held.body.traceparent;
    job.receive_count = held.message.receive_count;
    co_return co_await workers_->work(std::move(job), std::move(stop));
  }
  auto const done = co_await carry_out(shared_.settings.process, loop_.clock(), std::move(stop));
  if (done) co_return verdict;
  verdict.kind = done.error().code == Errc::cancelled ? Verdict::Kind::cancelled : Verdict::Kind::failed;
  verdict.text = done.error().message;
  co_return verdict;
}

asio::awaitable<void> Lane::process(Held& held) {
  std::stop_source cancel = held.cancel;
  std::stop_callback const abandoned(abandon_.get_token(), [cancel]() mutable { cancel.request_stop(); });
  auto const begun = loop_.clock().steady();
  auto verdict = co_await work_on(held, cancel.get_token());
  auto const taken = loop_.clock().steady() - begun;
  if (verdict.kind != Verdict::Kind::cancelled) counts_.process.record(taken);
  meters_->processing_ended(held.lost ? Processing::lease_lost : processing_of(verdict.kind), taken);
  if (held.lost) {
    traces_.processed(held, "lease_lost", "its lease was lost");
    lose(held);  // whoever has it now does the work again, and writes its row
  } else if (verdict.kind == Verdict::Kind::cancelled) {
    traces_.processed(held, "cancelled", "interrupted at the program's end");
    co_await hand_back(held, 0s, HandBack::ending);
  } else if (verdict.kind != Verdict::Kind::done) {
    bool const refused = verdict.kind == Verdict::Kind::refused;
    fail(held, std::move(verdict.text), refused ? Condemned::refused : Condemned::failed);
  } else {
    ++counts_.processed;
    traces_.processed(held, "done", "");
    held.attempts = 0;
    held.result = std::move(verdict.text);
    persisting_.push(held);
  }
}

asio::awaitable<void> Lane::persist(Batch batch) {
  // To look at one may take a wait that costs another its lease: until a look took none.
  auto const alive = [this](Held const* held) { return leases_.alive(*held); };
  while (!std::all_of(batch.begin(), batch.end(), alive)) {
    Batch ours;
    for (Held* held : batch)
      if (co_await still_ours(*held)) ours.push_back(held);
    batch = std::move(ours);
    if (base::planted(base::Planted::one_look_at_leases)) break;
  }
  if (batch.empty()) co_return;
  auto const writing = loop_.clock().system();
  app::RowFacts const facts{table_->limits().stamp_name, shared_.settings.name, writing,
                            base::stamp(writing)};
  std::vector<storage::Entity> rows;
  rows.reserve(batch.size());
  for (Held* held : batch) {
    rows.push_back(app::make_row(held->body, held->message, facts));
    if (!held->result.empty()) rows.back().values["result"] = held->result;
  }
  if (base::planted(base::Planted::delete_before_persist)) {
    std::vector<storage::Message> messages;
    for (Held* held : batch) messages.push_back(held->message);
    co_await queue_->remove(messages);
  }
  auto const begun = traces_.now();
  auto result = co_await table_->upsert(rows);
  if (base::planted(base::Planted::acknowledge_failed_write)) result = std::vector<storage::Rejected>();
  if (!result) {
    meters_->unpersisted[result.error().code] += batch.size();
    auto const error = result.error();
    traces_.wrote(batch, begun, all(error));
    co_await again_later(std::move(batch), persisting_, error);
    co_return;
  }
  std::vector<base::Error const*> failures(batch.size(), nullptr);
  for (auto const& rejected : *result) failures.at(rejected.index) = &rejected.error;
  traces_.wrote(batch, begun, failures);
  auto const now = loop_.clock().system();
  Batch later;
  base::Error trouble;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Held& held = *batch[i];
    if (failures[i] == nullptr) {
      written_once_ = true;
      ++counts_.persisted;
      ++meters_->persisted;
      if (auto const produced = app::produced_at(held.body)) {
        counts_.end_to_end.record(now - *produced);
        meters_->end_to_end.record(now - *produced);
      }
      held.attempts = 0;
      acknowledging_.push(held);
      continue;
    }
    ++meters_->unpersisted[failures[i]->code];
    if (refused_for_ever(failures[i]->code)) {
      fail(held, "the table refuses its row: " + base::describe(*failures[i]), Condemned::row_refused);
    } else {
      trouble = *failures[i];
      later.push_back(&held);
    }
  }
  if (!later.empty()) co_await again_later(std::move(later), persisting_, trouble);
}

asio::awaitable<void> Lane::acknowledge(Batch batch) {
  for (Held* held : batch) {
    held->settling = true;
    if (held->renewing) co_await leases_.settled(*held);
  }
  // What tells the service which it means is lent to the call: nothing else looks at it while it settles.
  std::vector<storage::Message> handles(batch.size());
  auto const swap_handles = [&batch, &handles] {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      std::swap(handles[i].id, batch[i]->message.id);
      std::swap(handles[i].receipt, batch[i]->message.receipt);
      std::swap(handles[i].group, batch[i]->message.group);
    }
  };
  auto const begun = traces_.now();
  swap_handles();
  auto const result = co_await queue_->remove(handles);
  swap_handles();
  if (!result) {
    meters_->unacknowledged[result.error().code] += batch.size();
    auto const error = result.error();
    traces_.settled("ack", batch, begun, all(error));
    co_await again_later(std::move(batch), acknowledging_, error);
    co_return;
  }
  std::vector<base::Error const*> failures(batch.size(), nullptr);
  for (auto const& rejected : *result) failures.at(rejected.index) = &rejected.error;
  traces_.settled("ack", batch, begun, failures);
  Batch later;
  base::Error trouble;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (failures[i] == nullptr) {
      ++counts_.acknowledged;
      ++meters_->acknowledged;
      log(base::Level::debug, "a message became a row and is acknowledged", *batch[i]);
      drop(*batch[i]);
      continue;
    }
    ++meters_->unacknowledged[failures[i]->code];
    if (failures[i]->code == Errc::conflict) {
      lose(*batch[i]);  // its row is written; whoever has it now writes the same row
    } else {
      trouble = *failures[i];
      later.push_back(batch[i]);
    }
  }
  if (!later.empty()) co_await again_later(std::move(later), acknowledging_, trouble);
}

// The service's trouble is not the message's fault: it stays with us, its lease renewed, and the step is
// tried again. Since a lane holds only so many, receiving stops by itself meanwhile.
asio::awaitable<void> Lane::again_later(Batch batch, Stage& stage, base::Error error) {
  bool const writing = &stage == &persisting_;
  bool const never_worked =
      writing && !written_once_ && error.code != Errc::throttled && error.code != Errc::transient;
  if (never_worked || hopeless(error)) be_fatal(error);
  complain(writing ? "rows can't be written, trying on" : "messages can't be acknowledged, trying on", error);
  int attempts = 0;
  for (Held* held : batch) {
    held->settling = false;
    attempts = std::max(attempts, ++held->attempts);
  }
  if (!abandon_.stop_requested() && !fatal_) {
    auto const bound = std::chrono::duration<double>(
        std::min<std::chrono::milliseconds>(20s, 250ms * (1 << std::min(attempts, 7))));
    auto wait =
        std::chrono::duration_cast<std::chrono::nanoseconds>(bound * (0.5 + loop_.random().unit() / 2));
    if (error.retry_after) wait = std::max<std::chrono::nanoseconds>(wait, *error.retry_after);
    co_await loop_.clock().sleep(wait, abandon_.get_token());
  }
  for (Held* held : batch) {
    if (!co_await still_ours(*held)) continue;
    if (abandon_.stop_requested() || fatal_) {
      asio::co_spawn(loop_.io(), hand_back(*held, 0s, HandBack::ending), app::rethrow);
    } else {
      stage.push(*held);
    }
  }
}

// Whether the message is still leased to us; where not, it is dropped, but only once no renewal refers to it.
asio::awaitable<bool> Lane::still_ours(Held& held) {
  if (leases_.alive(held)) co_return true;
  held.settling = true;
  co_await leases_.settled(held);
  held.settling = false;
  if (leases_.alive(held)) co_return true;
  lose(held);
  co_return false;
}

// This attempt failed by the message's own fault.
void Lane::fail(Held& held, std::string reason, Condemned why) {
  ++counts_.failed;
  held.condemned = why;
  auto const count = static_cast<std::uint64_t>(std::max(held.message.receive_count, 0));
  traces_.processed(held, why == Condemned::refused ? "refused" : "failed", reason);
  log(base::Level::warning, "a message failed: " + reason, held);
  if (why == Condemned::refused || count >= shared_.settings.max_receives) {
    asio::co_spawn(loop_.io(), give_up(held, std::move(reason)), app::rethrow);
  } else {
    auto const delay =
        retry_delay(shared_.settings.retry_delay, held.message.receive_count, loop_.random().unit());
    asio::co_spawn(loop_.io(), hand_back(held, delay, HandBack::failed), app::rethrow);
  }
}

// To the dead-letter queue first, then off the queue: a crash between the two leaves a copy, never a gap.
asio::awaitable<void> Lane::give_up(Held& held, std::string reason) {
  if (queue_->limits().redrives) {
    // The service moves it by its own policy once it has been received often enough.
    auto const delay =
        retry_delay(shared_.settings.retry_delay, held.message.receive_count, loop_.random().unit());
    co_await hand_back(held, delay, HandBack::failed);
    co_return;
  }
  if (base::planted(base::Planted::remove_before_dead_letter)) {
    std::vector<storage::Message> const first{held.message};
    co_await queue_->remove(first);
  }
  auto letter = dead_letters_.letter(held, reason);
  if (!held.copied) {
    auto const begun = traces_.now();
    auto const sent = co_await dead_letters_.send(letter, held.message);
    traces_.settled("dead-letter", held, begun, sent ? std::nullopt : std::optional(sent.error()));
    if (!sent) {
      complain("a message can't be dead-lettered, it stays on the queue", sent.error(), held);
      ++meters_->letters_failed[sent.error().code];
      co_await hand_back(held, 60s, HandBack::not_dead_lettered);
      co_return;
    }
    held.copied = true;
  }
  if (!co_await record_letter(held, std::move(letter))) co_return;
  held.settling = true;
  co_await leases_.settled(held);
  std::vector<storage::Message> const messages{held.message};
  auto const removed = co_await queue_->remove(messages);
  if (removed && removed->empty()) {
    ++counts_.dead_lettered;
    ++meters_->dead_lettered[held.condemned];
    log(base::Level::warning, "a message went to the dead letters: " + reason, held);
    drop(held);
    co_return;
  }
  // The copy stands; the original comes back and is moved again under the same id.
  complain("a dead letter's original can't be removed", removed ? removed->front().error : removed.error(),
           held);
  lose(held);
}

// The letter stands. While the table fails, its original stays with us: given back, it would be sent again
// each time. False where it is ours no more.
asio::awaitable<bool> Lane::record_letter(Held& held, app::DeadLetter letter) {
  for (int attempts = 0;; ++attempts) {
    auto const recorded = co_await dead_letters_.record(letter, held.body);
    if (recorded) co_return true;
    complain("a dead letter's row can't be written", recorded.error(), held);
    if (refused_for_ever(recorded.error().code)) co_return true;
    auto const pause = std::min<std::chrono::milliseconds>(20s, 250ms * (1 << std::min(attempts, 7)));
    if (!abandon_.stop_requested() && !fatal_) co_await loop_.clock().sleep(pause, abandon_.get_token());
    if (!co_await still_ours(held)) co_return false;
    if (!abandon_.stop_requested() && !fatal_) continue;
    co_await hand_back(held, 0s, HandBack::ending);
    co_return false;
  }
}

asio::awaitable<void> Lane::hand_back(Held& held, std::chrono::seconds delay, HandBack why) {
  // Those behind it first: as long as it is leased, nobody is offered one of its group.
  auto behind = take_group_behind(held);
  if (!behind.empty()) co_await hand_back_all(std::move(behind));
  held.settling = true;
  co_await leases_.settled(held);
  if (base::planted(base::Planted::exit_without_hand_back) && ending()) {
    drop(held);
    co_return;
  }
  std::vector<storage::Message> messages(1);
  messages.front().id = held.message.id;
  messages.front().receipt = held.message.receipt;
  messages.front().group = held.message.group;
  auto const longest = queue_->limits().max_lease;
  auto const begun = traces_.now();
  auto const result =
      co_await queue_->release(messages, longest.count() > 0 ? std::min(delay, longest) : delay);
  std::optional<base::Error> failure;
  if (!result)
    failure = result.error();
  else if (!result->empty())
    failure = result->front().error;
  traces_.settled("nack", held, begun, failure);
  if (failure && result && failure->code == Errc::conflict) {
    lose(held);
    co_return;
  }
  if (failure) complain("a message can't be handed back and returns when its lease ends", *failure, held);
  ++counts_.abandoned;
  ++meters_->abandoned[why];
  drop(held);
}

void Lane::lose(Held& held) {
  ++counts_.lease_lost;
  ++meters_->leases_lost;
  log(base::Level::warning, "a lease was lost; another delivery of the message takes over", held);
  auto behind = take_group_behind(held);
  if (!behind.empty()) asio::co_spawn(loop_.io(), hand_back_all(std::move(behind)), app::rethrow);
  drop(held);
}

void Lane::drop(Held& held) {
  leave_group(held);
  held_.erase(held.self);
  room_made();
}

// With what a person needs to find it elsewhere.
void Lane::log(base::Level level, std::string_view text, Held const& held) const {
  if (!loop_.log().wants(level)) return;
  auto const seq = std::to_string(held.body.seq);
  std::vector<base::Field> fields{{"message_id", held.message.id}};
  if (!held.body.run.empty()) {
    fields.push_back({"run", held.body.run});
    fields.push_back({"seq", seq});
  }
  if (!held.body.traceparent.empty())
    fields.push_back({"trace_id", std::string_view(held.body.traceparent).substr(3, 32)});
  loop_.log().write(level, text, fields);
}

void Lane::complain(std::string const& what, base::Error const& error, Held const& held) {
  ++counts_.errors[static_cast<std::size_t>(error.code)];
  log(base::Level::warning, what + ": " + base::describe(error), held);
}

void Lane::complain(std::string const& what, base::Error const& error) {
  ++counts_.errors[static_cast<std::size_t>(error.code)];
  loop_.log().write(base::Level::warning, what + ": " + base::describe(error));
}

}  // namespace consumer
