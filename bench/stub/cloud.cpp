#include "stub/cloud.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "stub/aws.hpp"
#include "stub/azure.hpp"
#include "stub/reply.hpp"

namespace stub {

bool Bucket::take(double rate, double wanted, Time now) {
  if (rate <= 0) return true;
  auto const burst = std::max(rate / 10, 1.0);
  if (last_)
    tokens_ = std::min(burst, tokens_ + rate * std::chrono::duration<double>(now - *last_).count());
  else
    tokens_ = burst;
  last_ = now;
  // A batch may overdraw what is there, or one larger than the burst would never pass.
  if (tokens_ <= 0) return false;
  tokens_ -= wanted;
  return true;
}

bool Cloud::admit(Bucket& bucket, std::size_t wanted, Time now) {
  if (bucket.take(settings_.throttle, static_cast<double>(wanted), now)) return true;
  ++counts.throttled;
  return false;
}

Queue& Cloud::queue(std::string_view name) {
  auto const found = queues_.find(name);
  return found != queues_.end() ? found->second : queues_[std::string(name)];
}

Table& Cloud::table(std::string_view name) {
  auto const found = tables_.find(name);
  return found != tables_.end() ? found->second : tables_[std::string(name)];
}

void Cloud::count(std::string_view action) {
  ++counts.requests;
  auto const found = counts.actions.find(action);
  if (found != counts.actions.end())
    ++found->second;
  else
    counts.actions.emplace(action, 1);
}

Time Cloud::due(Time now) {
  if (!begun_) begun_ = now;
  if (settings_.stall.count() > 0 && !stalled_ && now >= *begun_ + settings_.stall_after) {
    stalled_ = true;
    stall_until_ = now + settings_.stall;
  }
  return std::max(now + settings_.latency, stall_until_);
}

std::optional<Time> Cloud::answer(Request const& request, std::string& out, Time now, bool last) {
  if (is_control(request)) {
    control(request, out, now);
    return std::nullopt;
  }
  if (counts.requests == 0)
    counts.first_request_ns =
        std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count();
  if (!request.target_header.empty()) return Aws{*this, request, now}.answer(out, last);
  Azure{*this, request, now}.answer(out);
  return std::nullopt;
}

void Cloud::control(Request const& request, std::string& out, Time now) {
  auto const command = request.path.substr(7);
  auto const value = [&](std::string_view name) { return parameter(request.query, name); };
  if (command == "reset") {
    queues_.clear();
    tables_.clear();
    counts = {};
  } else if (command == "rewind") {
    for (auto& [name, queue] : queues_) queue.rewind();
    for (auto& [name, table] : tables_) table.clear();
    counts = {};
    ++arrivals;
  } else if (command == "set") {
    if (auto const text = value("latency_ms"); !text.empty())
      settings_.latency = std::chrono::milliseconds(number(text, 0));
    if (auto const text = value("throttle"); !text.empty())
      settings_.throttle = static_cast<double>(number(text, 0));
  } else if (command == "stall") {
    stall_until_ = now + std::chrono::milliseconds(number(value("ms"), 1000));
  } else if (command != "counts") {
    append_reply(out, "404 Not Found", "", "counts, reset, rewind, set or stall\n");
    return;
  }
  append_reply(out, "200 OK", "Content-Type: application/json\r\n", counts_json());
}

std::string Cloud::counts_json() const {
  std::size_t waiting = 0;
  std::size_t rows = 0;
  for (auto const& [name, queue] : queues_) waiting += queue.total();
  for (auto const& [name, table] : tables_) rows += table.size();
  nlohmann::ordered_json json;
  json["connections"] = counts.connections;
  json["requests"] = counts.requests;
  json["bytes_in"] = counts.bytes_in;
  json["bytes_out"] = counts.bytes_out;
  json["sent"] = counts.sent;
  json["received"] = counts.received;
  json["empty_receives"] = counts.empty_receives;
  json["deleted"] = counts.deleted;
  json["renewed"] = counts.renewed;
  json["rows"] = counts.rows;
  json["distinct_rows"] = rows;
  json["messages_left"] = waiting;
  json["throttled"] = counts.throttled;
  json["first_request_ns"] = counts.first_request_ns;
  json["actions"] = counts.actions;
  return json.dump() + '\n';
}

}  // namespace stub
