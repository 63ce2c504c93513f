#include "http/retrying.hpp"

#include <array>
#include <string>

#include "http/retry_after.hpp"

namespace http {

namespace {

bool passes(Errc code) { return code == Errc::transient || code == Errc::throttled; }

// What went wrong with one attempt, if anything, whether it came as an error or as a response.
std::optional<Error> failure_of(Result<Response> const& result, RetryPolicy const& policy, base::System now) {
  if (!result) return result.error();
  if (!policy.classify) return std::nullopt;
  auto error = policy.classify(*result);
  if (!error) return std::nullopt;
  if (!error->retry_after) error->retry_after = retry_after(result->headers, now);
  // A server that broke down may have acted first; one that throttles has not.
  if (error->code == Errc::transient) error->maybe_applied = true;
  return error;
}

void report(Result<Response>& result, int attempts, bool maybe_applied) {
  if (result) {
    result->attempts = attempts;
    result->maybe_applied = maybe_applied;
    return;
  }
  Error error = result.error();
  error.maybe_applied = maybe_applied;
  if (attempts > 1) error.message += " (after " + std::to_string(attempts) + " attempts)";
  result = std::move(error);
}

void log_retry(base::Log& log, Request const& request, int attempt, Error const& error,
               std::chrono::milliseconds delay, bool again) {
  if (!log.wants(base::Level::debug)) return;
  std::string const number = std::to_string(attempt);
  std::string const delay_ms = std::to_string(delay.count());
  std::string const reason = describe(error);
  std::array<base::Field, 4> const fields{
      {{"operation", request.operation}, {"attempt", number}, {"reason", reason}, {"delay_ms", delay_ms}}};
  log.write(base::Level::debug,
            again ? "a request failed and will be sent again"
                  : "a long poll failed and the retry budget is spent: waiting before it is reported",
            fields);
}

}  // namespace

Retrying::Retrying(Client& inner, RetryPolicy policy, RetryQuota& quota, base::Clock& clock,
                   base::Random& random, base::Log& log, Gates* gates, Retries* counters)
    : inner_(inner),
      policy_(std::move(policy)),
      quota_(quota),
      clock_(clock),
      random_(random),
      log_(log),
      gates_(gates),
      counters_(counters) {}

// When it may go, by the pace that all loops keep together.
base::Steady Retrying::place_of(Request const& request) {
  if (gates_ == nullptr) return {};
  if (!gate_ || origin_ != request.origin) {
    origin_ = request.origin;
    gate_ = gates_->gate(origin_);
  }
  return gate_->admit(clock_.steady());
}

Task<Response> Retrying::send(Request& request) {
  if (request.stop.stop_requested())
    co_return Error(Errc::cancelled, "stopped before a request to " + request.origin.to_string());
  if (auto const place = place_of(request); place > clock_.steady()) {
    auto waiting = clock_.sleep_until(place, request.stop);
    co_await std::move(waiting);
    if (request.stop.stop_requested())
      co_return Error(Errc::cancelled, "stopped before a request to " + request.origin.to_string());
  }
  auto const gate = gate_;
  Mark const bare(request);
  bool maybe_applied = false;
  int price = 0;
  for (int attempt = 1;; ++attempt) {
    if (attempt > 1) bare.restore(request);
    auto result = co_await inner_.send(request);
    auto const failure = failure_of(result, policy_, clock_.system());
    if (gate && !failure) gate->succeeded(clock_.steady());
    if (gate && failure && failure->code == Errc::throttled)
      gate->throttled(clock_.steady(), failure->retry_after);
    if (counters_ && failure && failure->code == Errc::throttled) ++counters_->throttles;
    if (result) maybe_applied = maybe_applied || result->maybe_applied;
    if (failure) maybe_applied = maybe_applied || failure->maybe_applied;
    report(result, attempt, maybe_applied);
    if (!failure) quota_.give_back(price == 0 ? 1 : price);
    bool const final = !failure || !passes(failure->code) || attempt >= policy_.max_attempts ||
                       (maybe_applied && !request.repeatable) || request.stop.stop_requested();
    if (final) co_return result;

    price = quota_.take(failure->code);
    if (price == 0 && !request.long_poll) co_return result;
    auto const delay = backoff(policy_, *failure, attempt, random_.unit());
    log_retry(log_, request, attempt, *failure, delay, price != 0);
    auto waiting = clock_.sleep(delay, request.stop);
    co_await std::move(waiting);
    if (price != 0 && !request.stop.stop_requested()) {
      if (auto const place = place_of(request); place > clock_.steady()) {
        auto turn = clock_.sleep_until(place, request.stop);
        co_await std::move(turn);
      }
    }
    // A stop during the wait keeps the price: the failure stands.
    if (price == 0 || request.stop.stop_requested()) co_return result;
    if (counters_) ++counters_->again[failure->code];
  }
}

}  // namespace http
