#include "consumer/redrive.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/time.hpp"

namespace consumer {

namespace asio = boost::asio;
using base::Errc;
using base::Error;
using base::Result;
using namespace std::chrono_literals;

namespace {

// Long enough to see all before the first returns; nobody else waits for a dead letter.
constexpr std::chrono::seconds lease = 5min;
constexpr std::size_t most_met = 1'000'000;
constexpr int patience = 5;  // failures in a row

storage::Message handle_of(storage::Message const& message) {
  storage::Message handle;
  handle.id = message.id;
  handle.receipt = message.receipt;
  handle.group = message.group;
  return handle;
}

}  // namespace

bool LetterFilter::matches(app::DeadLetter const& letter, app::Body const& body) const {
  auto const holds = [this](std::string const& whole) { return whole.find(text) != std::string::npos; };
  switch (part) {
    case Part::all:
      return true;
    case Part::reason:
      return holds(letter.reason);
    case Part::id:
      return letter.original_id == text;
    case Part::run:
      return body.run == text;
    case Part::body:
      return holds(letter.body);
  }
  return true;
}

LetterFilter parse_letter_filter(std::string_view text) {
  using Part = LetterFilter::Part;
  constexpr std::pair<std::string_view, Part> parts[] = {
      {"reason=", Part::reason}, {"id=", Part::id}, {"run=", Part::run}, {"body=", Part::body}};
  for (auto const& [prefix, part] : parts)
    if (text.starts_with(prefix)) return {part, std::string(text.substr(prefix.size()))};
  return {Part::reason, std::string(text)};
}

Redrive::Redrive(app::Loop& loop, storage::Queue& from, storage::Queue* to, storage::Table* table,
                 RedriveSettings settings)
    : loop_(loop), from_(from), to_(to), table_(table), settings_(std::move(settings)) {}

base::Task<> Redrive::run() {
  int empty = 0;
  int failures = 0;
  Result<void> result;
  while (!loop_.stop().stop_requested()) {
    auto const taken = settings_.dry_run ? listed_.size() : moved_;
    if (settings_.limit && taken >= *settings_.limit) break;
    if (kept_.size() >= most_held) {
      cut_short_ = true;
      break;
    }
    auto letters = co_await receive();
    if (!letters) {
      if (letters.error().code == Errc::cancelled) break;
      bool const passes = letters.error().code == Errc::transient || letters.error().code == Errc::throttled;
      if (++failures >= patience || !passes) {
        result = letters.error();
        break;
      }
      co_await loop_.clock().sleep(200ms * (1 << failures), loop_.stop());
      continue;
    }
    failures = 0;
    if (letters->empty()) {
      // What returns meanwhile was seen; a long poll that finds nothing twice has asked everywhere.
      if (++empty >= (from_.limits().long_poll ? 2 : 1)) break;
      continue;
    }
    Letters chosen;
    bool news = false;
    for (auto& letter : *letters) {
      bool const seen = kept_.contains(letter.message.id) || met_.contains(letter.letter.original_id);
      news = news || !seen;
      bool const matches = settings_.filter.matches(letter.letter, letter.body);
      if (!seen && !matches) ++skipped_;
      if (seen || !matches || settings_.dry_run) keep(letter);
      if (!seen && matches && settings_.dry_run) list(letter);
      if (!seen && matches && !settings_.dry_run) chosen.push_back(std::move(letter));
    }
    empty = news ? 0 : empty + 1;
    if (!chosen.empty()) {
      auto const moved = co_await move(std::move(chosen));
      if (!moved) {
        result = moved.error();
        break;
      }
    }
    if (empty > 3) break;
  }
  co_await release();
  co_return result;
}

base::Task<Redrive::Letters> Redrive::receive() {
  auto const limits = from_.limits();
  storage::Receive options;
  options.at_most = std::max(limits.receive_batch, 1);
  if (settings_.limit) {
    auto const left = *settings_.limit - (settings_.dry_run ? listed_.size() : moved_);
    options.at_most =
        static_cast<int>(std::min<std::uint64_t>(left, static_cast<std::uint64_t>(options.at_most)));
  }
  options.lease = limits.max_lease.count() > 0 ? std::min(lease, limits.max_lease) : lease;
  if (limits.long_poll) options.wait = 1s;
  options.stop = loop_.stop();
  auto received = co_await from_.receive(options);
  if (!received) co_return received.error();
  Letters letters;
  for (auto& message : *received) {
    Letter letter;
    if (auto decoded = app::decode_dead_letter(message.body)) {
      letter.letter = std::move(*decoded);
    } else {
      letter.bare = true;
      letter.letter.body = message.body;
      letter.letter.original_id = message.id;  // what SQS moves by itself keeps its id
      letter.letter.receive_count = message.receive_count;
    }
    message.body.clear();
    letter.message = std::move(message);
    if (letter.bare) {
      auto const explained = co_await explain(letter);
      if (!explained) co_return explained.error();
    }
    auto body = app::decode(letter.letter.body);
    letter.body = body ? std::move(*body) : app::salvage(letter.letter.body);
    letters.push_back(std::move(letter));
  }
  co_return letters;
}

// A letter that had no room for its reason has it in a row.
base::Task<> Redrive::explain(Letter& letter) {
  auto original = app::original_of(letter.letter.body);
  if (!original.id.empty()) {
    letter.letter.body = std::move(original.body);
    letter.letter.original_id = std::move(original.id);
  }
  letter.letter.reason = "not told: it came without an envelope";
  if (table_ == nullptr) co_return Result<void>();
  auto key = app::dead_letter_body_key(letter.letter.body);
  auto const row = co_await table_->get(std::move(key));
  if (!row) co_return row.error();
  if (!row->has_value()) co_return Result<void>();
  auto const& found = **row;
  if (auto id = found.text("messageId"); id && !id->empty()) letter.letter.original_id = std::move(*id);
  if (auto reason = found.text("reason")) letter.letter.reason = std::move(*reason);
  if (auto last = found.text("last")) letter.letter.last = std::move(*last);
  if (auto queue = found.text("queue")) letter.letter.queue = std::move(*queue);
  if (auto const count = base::parse_u64(found.text("receiveCount").value_or(""));
      count && *count < 1'000'000)
    letter.letter.receive_count = static_cast<std::int64_t>(*count);
  co_return Result<void>();
}

storage::Outgoing Redrive::copy_of(Letter const& letter) const {
  storage::Outgoing copy;
  auto const limits = to_->limits();
  copy.body = app::with_original(letter.letter);
  // Where there is no room, or bytes that JSON can't carry: as it came.
  if (copy.body.size() > limits.body || !base::is_utf8(letter.letter.body)) copy.body = letter.letter.body;
  if (limits.attributes) copy.traceparent = letter.message.traceparent;
  if (limits.fifo) {
    copy.group = letter.message.group.empty() ? letter.letter.original_id : letter.message.group;
    // Sent again after an end between sending and removing, it is the same to the service.
    copy.deduplication_id = "redrive-" + letter.message.id;
  }
  return copy;
}

base::Task<> Redrive::move(Letters letters) {
  if (from_.limits().fifo) co_return co_await move_one_by_one(std::move(letters));
  std::vector<storage::Outgoing> copies;
  copies.reserve(letters.size());
  for (auto const& letter : letters) copies.push_back(copy_of(letter));
  auto const sent = co_await to_->send(copies);
  std::vector<Error const*> failures(letters.size(), nullptr);
  if (sent)
    for (auto const& rejected : *sent) failures.at(rejected.index) = &rejected.error;
  Letters gone;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    auto const* failure = sent ? failures[i] : nullptr;
    if (sent && !failure) {
      gone.push_back(std::move(letters[i]));
      continue;
    }
    ++failed_;
    warn("a dead letter could not be moved and stays: " + base::describe(failure ? *failure : sent.error()),
         letters[i]);
    keep(letters[i]);
  }
  if (!sent && moved_ == 0) co_return sent.error();
  if (gone.empty()) co_return Result<void>();
  auto const noted = co_await note(gone);
  if (!noted) {
    // Without its row an audit would still count it as a dead letter: it stays one, and is moved again later.
    failed_ += gone.size();
    for (auto const& letter : gone) keep(letter);
    co_return noted.error();
  }
  std::vector<storage::Message> handles;
  for (auto const& letter : gone) handles.push_back(handle_of(letter.message));
  auto const removed = co_await from_.remove(handles);
  if (!removed || !removed->empty())
    loop_.log().write(base::Level::warning,
                      "a dead letter that was moved could not be removed, and will be moved again: " +
                          base::describe(removed ? removed->front().error : removed.error()));
  moved_ += gone.size();
  for (auto const& letter : gone) {
    if (met_.size() >= most_met) met_.clear();
    met_.insert(letter.letter.original_id);
  }
  co_return Result<void>();
}

void Redrive::warn(std::string const& text, Letter const& letter) const {
  base::Field const fields[] = {{"message_id", letter.letter.original_id}, {"run", letter.body.run}};
  loop_.log().write(base::Level::warning, text, fields);
}

// In their order: where one can't be sent, those behind it in its group must not pass it.
base::Task<> Redrive::move_one_by_one(Letters letters) {
  std::unordered_set<std::string> stuck;
  for (auto& letter : letters) {
    if (stuck.contains(letter.message.group)) {
      keep(letter);
      continue;
    }
    std::vector<storage::Outgoing> const copies{copy_of(letter)};
    auto const sent = co_await to_->send(copies);
    bool const failed = !sent || !sent->empty();
    if (failed) {
      ++failed_;
      warn("a dead letter could not be moved and stays, with those behind it: " +
               base::describe(sent ? sent->front().error : sent.error()),
           letter);
      stuck.insert(letter.message.group);
      keep(letter);
      continue;
    }
    Letters gone;
    gone.push_back(std::move(letter));
    auto const noted = co_await note(gone);
    if (!noted) co_return noted.error();
    std::vector<storage::Message> const handles{handle_of(gone.front().message)};
    auto const removed = co_await from_.remove(handles);
    if (!removed || !removed->empty())
      warn("a dead letter that was moved could not be removed, and will be moved again: " +
               base::describe(removed ? removed->front().error : removed.error()),
           gone.front());
    ++moved_;
    met_.insert(gone.front().letter.original_id);
  }
  co_return Result<void>();
}

// From now on an audit expects its row, not its letter.
base::Task<> Redrive::note(Letters const& letters) {
  if (table_ == nullptr) co_return Result<void>();
  auto const now = base::stamp(loop_.clock().system());
  std::vector<storage::Entity> rows;
  for (auto const& letter : letters) {
    if (letter.body.run.empty() && !letter.bare) continue;
    rows.push_back(app::dead_letter_row(letter.letter, letter.body, now));
    if (!letter.bare) continue;
    rows.push_back(rows.back());
    rows.back().key = app::dead_letter_body_key(letter.letter.body);
  }
  if (rows.empty()) co_return Result<void>();
  auto const written = co_await table_->upsert(rows);
  if (!written) co_return written.error();
  if (!written->empty()) co_return written->front().error;
  co_return Result<void>();
}

void Redrive::keep(Letter const& letter) { kept_[letter.message.id] = handle_of(letter.message); }

void Redrive::list(Letter const& letter) {
  Listed listed;
  listed.id = letter.letter.original_id;
  listed.reason = letter.letter.reason;
  listed.run = letter.body.run;
  listed.seq = letter.body.seq;
  listed.count = letter.letter.receive_count;
  listed.bytes = letter.letter.body.size();
  auto died = base::parse_stamp(letter.letter.last);
  if (!died) died = letter.message.sent_at;
  if (died)
    listed.age = std::max(0s, std::chrono::floor<std::chrono::seconds>(loop_.clock().system() - *died));
  listed_.push_back(std::move(listed));
}

asio::awaitable<void> Redrive::release() {
  std::vector<storage::Message> handles;
  for (auto& [id, handle] : kept_) handles.push_back(std::move(handle));
  kept_.clear();
  if (handles.empty()) co_return;
  auto const released = co_await from_.release(handles, 0s);
  if (!released || std::any_of(released->begin(), released->end(), [](storage::Rejected const& rejected) {
        return rejected.error.code != Errc::conflict;
      }))
    loop_.log().write(base::Level::warning,
                      "some dead letters could not be handed back; they are visible again within 5 minutes");
}

}  // namespace consumer
