#include "consumer/dead_letters.hpp"

#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "base/planted.hpp"
#include "base/time.hpp"

namespace consumer {

std::string dead_letter_uri(std::string const& queue) {
  constexpr std::string_view fifo = ".fifo";
  std::string const suffix = "-poison";
  return queue.ends_with(fifo) ? queue.substr(0, queue.size() - fifo.size()) + suffix + std::string(fifo)
                               : queue + suffix;
}

std::string dead_letter_body(storage::Message const& message, std::string const& reason,
                             std::string const& queue, base::System now) {
  nlohmann::ordered_json json;
  auto& letter = json["deadLetter"];
  letter["reason"] = reason;
  letter["receiveCount"] = message.receive_count;
  if (message.sent_at) letter["first"] = base::stamp(*message.sent_at);
  letter["last"] = base::stamp(now);
  letter["originalId"] = base::planted(base::Planted::dead_letter_without_id) ? std::string() : message.id;
  letter["queue"] = queue;
  json["body"] = message.body;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

DeadLetters::DeadLetters(app::Loop& loop, storage::Table& table, std::string uri, std::string queue,
                         storage::Encoding encoding)
    : loop_(loop), table_(table), uri_(std::move(uri)), source_(std::move(queue)), encoding_(encoding) {}

base::Task<> DeadLetters::open() {
  if (queue_) co_return base::Result<void>();
  auto queue = loop_.stores().queue(uri_, encoding_);
  if (!queue) co_return queue.error();
  auto const opened = co_await (*queue)->open(true);
  if (!opened) co_return opened.error();
  if (!queue_) queue_ = std::move(*queue);
  co_return base::Result<void>();
}

base::Task<> DeadLetters::take(storage::Message const& message, std::string const& reason) {
  auto const opened = co_await open();
  if (!opened) co_return opened.error();
  auto const limits = queue_->limits();
  auto const now = loop_.clock().system();
  storage::Outgoing letter;
  letter.body = dead_letter_body(message, reason, source_, now);
  if (limits.fifo) {
    letter.group = message.group.empty() ? message.id : message.group;
    letter.deduplication_id = message.id;
  }
  // Bytes that JSON can't carry unchanged leave no room for a reason either.
  bool const fits = base::is_utf8(message.body) && letter.body.size() <= limits.body &&
                    (!limits.xml_text || base::is_xml10(letter.body));
  if (!fits) {
    letter.body = message.body;
    storage::Entity row;
    row.key = {"dead-letter", message.id};
    row.values["reason"] = reason;
    row.values["receiveCount"] = static_cast<std::int64_t>(message.receive_count);
    row.values["messageId"] = message.id;
    row.values["queue"] = source_;
    row.values["last"] = base::stamp(now);
    std::vector<storage::Entity> const rows{std::move(row)};
    auto const written = co_await table_.upsert(rows);
    if (!written) co_return written.error();
    if (!written->empty()) co_return written->front().error;
  }
  std::vector<storage::Outgoing> const letters{std::move(letter)};
  auto const sent = co_await queue_->send(letters);
  if (!sent) co_return sent.error();
  if (!sent->empty()) co_return sent->front().error;
  co_return base::Result<void>();
}

}  // namespace consumer
