#include "app/row.hpp"

#include "app/tracing/context.hpp"
#include "base/digest.hpp"
#include "base/planted.hpp"
#include "base/time.hpp"

namespace app {

namespace {

constexpr std::uint64_t in_a_row = 32;  // neighbours in one partition

std::string padded(std::uint64_t number, std::size_t width) {
  auto digits = std::to_string(number);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

// Seconds with six places. (printf reads its pattern anew for each row.)
std::string in_seconds(std::chrono::nanoseconds time) {
  auto const micros = std::chrono::round<std::chrono::microseconds>(time).count();
  auto const size = static_cast<std::uint64_t>(micros < 0 ? -micros : micros);
  std::string text = micros < 0 ? "-" : "";
  text += std::to_string(size / 1'000'000);
  text += '.';
  return text += padded(size % 1'000'000, 6);
}

}  // namespace

storage::Key key_of(std::string const& run, std::uint64_t seq) {
  constexpr std::string_view digits = "0123456789abcdef";
  auto const part = static_cast<std::size_t>(seq / in_a_row % 256);
  std::string partition;
  partition.reserve(run.size() + 3);
  partition += digits[part / 16];
  partition += digits[part % 16];
  partition += '-';
  partition += run;
  return {std::move(partition), padded(seq, 12)};
}

bool share_partition(Body const& one, Body const& other) {
  return one.seq / in_a_row == other.seq / in_a_row && one.run == other.run && !one.run.empty();
}

storage::Key key_of_id(std::string const& original_id) {
  // "~" stands in no run id, so these partitions never mix with a run's.
  std::string row;
  for (char const c : original_id) {
    bool const safe = static_cast<unsigned char>(c) > 0x20 && c != '/' && c != '\\' && c != '#' && c != '?' &&
                      c != '%' && static_cast<unsigned char>(c) < 0x7F;
    row += safe ? c : '_';
  }
  // Two ids must not become one key because of what had to be replaced.
  if (row != original_id) row += '-' + base::sha256_hex(original_id).substr(0, 16);
  return {base::sha256_hex(original_id).substr(0, 2) + "-~id", std::move(row)};
}

std::optional<base::System> moment_of(std::string_view stamp) {
  using std::chrono::sys_days;
  using std::chrono::year;
  auto const moment = base::parse_stamp(stamp);
  if (!moment || *moment < sys_days(year(1970) / 1 / 1) || *moment >= sys_days(year(2200) / 1 / 1))
    return std::nullopt;
  return moment;
}

std::optional<base::System> produced_at(Body const& body) { return moment_of(body.src_stamp); }

storage::Entity make_row(Body const& body, storage::Message const& message, RowFacts const& facts) {
  storage::Entity row;
  auto const& id = body.original_id.empty() ? message.id : body.original_id;
  row.key = body.run.empty() ? key_of_id(id) : key_of(body.run, body.seq);
  if (base::planted(base::Planted::random_row_key))
    row.key.row += base::sha256_hex(message.receipt).substr(0, 8);
  // In the order of their names, which costs the least; a table's stamp is one of two with a D.
  auto& values = row.values;
  values.reserve(13);
  values["consumer"] = facts.consumer;
  values["data"] = body.msg;
  values[facts.stamp_name] = facts.stamp.empty() ? base::stamp(facts.now) : facts.stamp;
  if (!body.hash.empty()) values["hash"] = body.hash;
  values["messageId"] = id;
  auto const produced = produced_at(body);
  values["messageProcessingTime"] = produced ? in_seconds(facts.now - *produced) : "0";
  if (!body.payload.empty()) values["payload"] = body.payload;
  values["receiveCount"] = static_cast<std::int64_t>(message.receive_count);
  if (!body.run.empty()) {
    values["run"] = body.run;
    values["seq"] = static_cast<std::int64_t>(body.seq);
  }
  values["srcStamp"] = body.src_stamp;
  if (tracing::is_sampled(body.traceparent)) values["traceparent"] = body.traceparent;
  return row;
}

}  // namespace app
