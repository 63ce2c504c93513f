#include "app/row.hpp"

#include <array>
#include <cstdio>

#include "app/tracing/context.hpp"
#include "base/digest.hpp"
#include "base/planted.hpp"
#include "base/time.hpp"

namespace app {

namespace {

constexpr std::uint64_t in_a_row = 32;  // neighbours in one partition

}  // namespace

storage::Key key_of(std::string const& run, std::uint64_t seq) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%02x-", static_cast<unsigned>(seq / in_a_row % 256));
  std::string partition = text.data() + run;
  std::snprintf(text.data(), text.size(), "%012llu", static_cast<unsigned long long>(seq));
  return {std::move(partition), text.data()};
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
  auto& values = row.values;
  values["data"] = body.msg;
  values["srcStamp"] = body.src_stamp;
  values[facts.stamp_name] = base::stamp(facts.now);
  if (auto const produced = produced_at(body)) {
    double const seconds = std::chrono::duration<double>(facts.now - *produced).count();
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.6f", seconds);
    values["messageProcessingTime"] = std::string(text.data());
  } else {
    values["messageProcessingTime"] = std::string("0");
  }
  if (!body.payload.empty()) values["payload"] = body.payload;
  if (!body.hash.empty()) values["hash"] = body.hash;
  if (!body.run.empty()) {
    values["run"] = body.run;
    values["seq"] = static_cast<std::int64_t>(body.seq);
  }
  if (tracing::is_sampled(body.traceparent)) values["traceparent"] = body.traceparent;
  values["receiveCount"] = static_cast<std::int64_t>(message.receive_count);
  values["messageId"] = id;
  values["consumer"] = facts.consumer;
  return row;
}

}  // namespace app
