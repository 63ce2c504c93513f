#include "app/metrics/store_meters.hpp"

#include <algorithm>

namespace app {

namespace {

constexpr std::int64_t span_ns = 10'000'000'000;

void tell_queue(Sheet& sheet, QueueMeters const& queue, Outcomes const& outcomes, std::string name,
                std::string type) {
  outcomes.tell(sheet, "messaging_client_operation_duration_seconds",
                {{"messaging_system", queue.system},
                 {"messaging_destination_name", queue.destination},
                 {"messaging_operation_name", std::move(name)},
                 {"messaging_operation_type", std::move(type)}});
}

void tell_retries(Sheet& sheet, std::string const& service, http::Retries const& retries) {
  // Only what may pass is sent again.
  for (auto const code : {base::Errc::transient, base::Errc::throttled})
    sheet.add("edw_retries_total", {{"service", service}, {"error_type", label_of(code)}},
              static_cast<double>(retries.again[code].value()));
  sheet.add("edw_throttles_total", {{"service", service}}, static_cast<double>(retries.throttles.value()));
}

}  // namespace

std::string label_of(std::optional<base::Errc> error) {
  return error ? std::string(base::to_string(*error)) : std::string();
}

void tell_errors(Sheet& sheet, std::string_view name, Labels const& labels, http::Errors const& errors) {
  for (std::size_t i = 0; i < http::Errors::size; ++i) {
    auto const code = static_cast<base::Errc>(i);
    auto with = labels;
    with.emplace_back("error_type", label_of(code));
    sheet.add(name, with, static_cast<double>(errors[code].value()));
  }
}

std::string name_in(std::string_view uri) {
  return std::string(uri.substr(std::min(uri.find_last_of("/:#") + 1, uri.size())));
}

void Outcomes::tell(Sheet& sheet, std::string_view name, Labels const& labels) const {
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    auto const buckets = taken_[i].buckets();
    bool const any = std::any_of(buckets.begin(), buckets.end(), [](auto const& one) { return one > 0U; });
    if (i > 0 && !any) continue;
    auto with = labels;
    if (i > 0) with.emplace_back("error_type", label_of(static_cast<base::Errc>(i - 1)));
    sheet.add(name, with, taken_[i]);
  }
}

void QueueMeters::arrived(base::Steady now, std::chrono::nanoseconds age) {
  auto const number = std::chrono::nanoseconds(now.time_since_epoch()).count() / span_ns;
  auto& span = arrivals[static_cast<std::size_t>(number) % spans];
  if (span.number.get() != number) {
    span.age_ns.set(0);
    span.number.set(number);
  }
  if (age.count() > span.age_ns.get()) span.age_ns.set(age.count());
}

std::chrono::nanoseconds QueueMeters::oldest_arrival(base::Steady now) const {
  auto const number = std::chrono::nanoseconds(now.time_since_epoch()).count() / span_ns;
  std::int64_t oldest = 0;
  for (auto const& span : arrivals)
    if (auto const at = span.number.get(); at >= 0 && number - at < static_cast<std::int64_t>(spans))
      oldest = std::max(oldest, span.age_ns.get());
  return std::chrono::nanoseconds(oldest);
}

void QueueMeters::answered(base::Steady now, std::optional<base::Errc> error) {
  auto const at = std::chrono::nanoseconds(now.time_since_epoch()).count();
  if (!error) {
    reached_ns.set(at);
    failing_ns.set(0);
    return;
  }
  if (*error == base::Errc::cancelled) return;  // our own doing
  last_error.set(*error);
  if (failing_ns.get() == 0) failing_ns.set(at);
}

void QueueMeters::tell(Sheet& sheet, Use use) const {
  Labels const labels{{"messaging_system", system}, {"messaging_destination_name", destination}};
  if (use == Use::sending) {
    tell_queue(sheet, *this, send, "send", "send");
    sheet.add("messaging_client_sent_messages_total", labels, static_cast<double>(sent.value()));
    tell_errors(sheet, "messaging_client_sent_messages_total", labels, unsent);
    return;
  }
  tell_queue(sheet, *this, receive, "receive", "receive");
  tell_queue(sheet, *this, ack, "ack", "settle");
  tell_queue(sheet, *this, nack, "nack", "settle");
  tell_queue(sheet, *this, extend, "extend", "settle");
  sheet.add("messaging_client_consumed_messages_total", labels, static_cast<double>(received.value()));
  Labels const by_system{{"messaging_system", system}};
  sheet.add("edw_leases_renewed_total", by_system, static_cast<double>(extended.value()));
  tell_errors(sheet, "edw_lease_renewal_failures_total", by_system, unextended);
}

void QueueMeters::tell_depth(Sheet& sheet) const { tell_queue(sheet, *this, depth, "depth", "receive"); }

void TableMeters::tell(Sheet& sheet) const {
  Labels labels{{"db_system_name", system}, {"db_collection_name", collection}, {"db_operation_name", ""}};
  auto const one = [&](Outcomes const& outcomes, char const* name) {
    labels.back().second = name;
    outcomes.tell(sheet, "db_client_operation_duration_seconds", labels);
  };
  one(upsert, "upsert");
  one(get, "get");
  one(scan, "scan");
}

void tell(Sheet& sheet, http::Traffic const& traffic) {
  tell_retries(sheet, "queue", traffic.queue);
  tell_retries(sheet, "table", traffic.table);
  tell_retries(sheet, "identity", traffic.identity);
  sheet.add("edw_token_refreshes_total", {}, static_cast<double>(traffic.renewals.done.value()));
  tell_errors(sheet, "edw_token_refreshes_total", {}, traffic.renewals.failed);
  auto const& attempts = traffic.attempts.series();
  for (std::size_t i = 0, count = attempts.size(); i < count; ++i) {
    auto const& one = attempts[i];
    sheet.add("http_client_request_duration_seconds",
              {{"server_address", one.server},
               {"http_request_method", one.method},
               {"http_response_status_code", one.status > 0 ? std::to_string(one.status) : std::string()},
               {"error_type", one.status >= 400 ? std::to_string(one.status) : label_of(one.error)}},
              one.taken);
  }
}

}  // namespace app
