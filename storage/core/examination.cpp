#include "storage/core/examination.hpp"

#include <algorithm>

#include "base/time.hpp"

namespace storage {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return "ok";
    case Verdict::missing:
      return "missing";
    case Verdict::untested:
      return "untested";
    case Verdict::failed:
      return "failed";
  }
  return "unknown";
}

std::string counted(std::uint64_t number, std::string const& noun) {
  return std::to_string(number) + ' ' + noun + (number == 1 ? "" : "s");
}

std::string span_text(std::chrono::seconds span) {
  auto const count = static_cast<std::uint64_t>(std::max<std::int64_t>(span.count(), 0));
  auto const in = [count](std::uint64_t unit, char const* name) { return counted(count / unit, name); };
  if (count >= 2 * 86'400) return in(86'400, "day");
  if (count >= 2 * 3'600) return in(3'600, "hour");
  if (count >= 2 * 60) return in(60, "minute");
  return in(1, "second");
}

Sheet::Sheet(std::vector<std::string> steps) : judged_(steps.size()) {
  examined_.findings.resize(steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) examined_.findings[i].step = std::move(steps[i]);
}

void Sheet::set(std::string_view step, Verdict verdict, std::string detail, std::string remedy) {
  auto& findings = examined_.findings;
  auto found = std::find_if(findings.begin(), findings.end(),
                            [step](Finding const& finding) { return finding.step == step; });
  if (found == findings.end()) {
    findings.emplace_back().step = step;
    judged_.push_back(false);
    found = std::prev(findings.end());
  }
  judged_[static_cast<std::size_t>(found - findings.begin())] = true;
  found->verdict = verdict;
  found->detail = std::move(detail);
  found->remedy = std::move(remedy);
}

void Sheet::leave_rest(std::string const& reason) {
  for (std::size_t i = 0; i < judged_.size(); ++i) {
    if (judged_[i]) continue;
    judged_[i] = true;
    examined_.findings[i].verdict = Verdict::untested;
    examined_.findings[i].detail = reason;
  }
}

void Sheet::judge_connection(http::Origin const& origin) {
  if (origin.secure()) {
    ok("connection", origin.to_string() + " answers over TLS, and its certificate is trusted");
    return;
  }
  ok("connection", origin.to_string() + " answers, without TLS");
  if (!origin.loopback()) warn("requests to " + origin.to_string() + " go unencrypted: use https");
}

void Sheet::judge_clock(http::Response const& response, base::System now) {
  using std::chrono::seconds;
  auto const text = response.headers.find("Date");
  auto const date = text ? base::parse_http_date(*text) : std::nullopt;
  if (!date) {
    set("clock", Verdict::untested, "the service's reply carries no date");
    return;
  }
  auto const ahead = std::chrono::duration_cast<seconds>(now - *date);
  seconds const off(std::abs(ahead.count()));
  // Dates are whole seconds, and the reply took its time.
  if (off <= seconds(2)) {
    ok("clock", "agrees with the service's");
    return;
  }
  auto const detail = "this machine's clock is " + span_text(off) +
                      (ahead.count() > 0 ? " ahead of" : " behind") + " the service's";
  if (off >= std::chrono::minutes(5)) {
    set("clock", Verdict::failed, detail,
        "set the clock, e.g. by starting the machine's NTP service: requests are refused for such dates, and "
        "leases and latencies come out wrong");
    return;
  }
  ok("clock", detail);
  if (off >= seconds(60)) warn(detail + ": set it, before requests are refused for their dates");
}

}  // namespace storage
