#include "consumer/dead_letters.hpp"

#include "app/metrics/measured.hpp"
#include "base/encoding.hpp"
#include "base/planted.hpp"
#include "base/time.hpp"

namespace consumer {

namespace {

constexpr std::size_t longest_reason = 1000;

// Cut between characters.
std::string shortened(std::string text) {
  if (text.size() <= longest_reason) return text;
  auto end = longest_reason;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text + "…";
}

}  // namespace

DeadLetters::DeadLetters(app::Loop& loop, storage::Queue const& source, storage::Table& table,
                         std::string uri, std::string queue, storage::Encoding encoding,
                         std::shared_ptr<app::QueueMeters> meters)
    : loop_(loop),
      from_(source),
      table_(table),
      uri_(std::move(uri)),
      source_(std::move(queue)),
      encoding_(encoding),
      meters_(std::move(meters)) {}

base::Task<> DeadLetters::open() {
  if (queue_) co_return base::Result<void>();
  auto queue = loop_.stores().queue(uri_, encoding_);
  if (!queue) co_return queue.error();
  *queue = app::measured(std::move(*queue), meters_, loop_.clock());
  auto const opened = co_await (*queue)->open(true);
  if (!opened) co_return opened.error();
  if (queue_) co_return base::Result<void>();  // another message was quicker
  queue_ = std::move(*queue);
  auto const here = from_.limits().retention;
  auto const there = queue_->limits().retention;
  if (here && there && *there < *here)
    loop_.log().write(base::Level::warning,
                      "the dead-letter queue keeps messages for a shorter time than the queue itself: raise "
                      "its message retention period to 14 days");
  co_return base::Result<void>();
}

app::DeadLetter DeadLetters::letter(Held const& held, std::string reason) {
  app::DeadLetter made;
  made.reason = shortened(std::move(reason));
  made.receive_count = held.message.receive_count;
  if (held.message.sent_at) made.first = base::stamp(*held.message.sent_at);
  made.last = base::stamp(loop_.clock().system());
  made.original_id = held.body.original_id.empty() ? held.message.id : held.body.original_id;
  if (base::planted(base::Planted::dead_letter_without_id)) made.original_id.clear();
  made.queue = source_;
  made.body = held.message.body;
  return made;
}

// Bytes that JSON can't carry unchanged leave no room for a reason either.
bool DeadLetters::fits(app::DeadLetter const& letter, std::string const& envelope) const {
  auto const limits = queue_->limits();
  return base::is_utf8(letter.body) && envelope.size() <= limits.body &&
         (!limits.xml_text || base::is_xml10(envelope));
}

base::Task<> DeadLetters::send(app::DeadLetter const& letter, storage::Message const& message) {
  auto const opened = co_await open();
  if (!opened) co_return opened.error();
  storage::Outgoing copy;  // without a lifetime: it never goes before the original would have
  copy.body = encode(letter);
  if (!fits(letter, copy.body)) copy.body = letter.body;
  if (queue_->limits().attributes) copy.traceparent = message.traceparent;
  if (queue_->limits().fifo) {
    copy.group = message.group.empty() ? message.id : message.group;
    copy.deduplication_id = message.id;
  }
  std::vector<storage::Outgoing> const copies{std::move(copy)};
  auto const sent = co_await queue_->send(copies);
  if (!sent) co_return sent.error();
  if (!sent->empty()) co_return sent->front().error;
  co_return base::Result<void>();
}

base::Task<> DeadLetters::record(app::DeadLetter const& letter, app::Body const& body) {
  bool const unchanged = !fits(letter, encode(letter));
  if (body.run.empty() && !unchanged) co_return base::Result<void>();
  std::vector<storage::Entity> rows;
  rows.push_back(app::dead_letter_row(letter, body, ""));
  if (unchanged) {
    rows.push_back(rows.front());
    rows.back().key = app::dead_letter_body_key(letter.body);
  }
  auto const written = co_await table_.upsert(rows);
  if (!written) co_return written.error();
  if (!written->empty()) co_return written->front().error;
  co_return base::Result<void>();
}

}  // namespace consumer
