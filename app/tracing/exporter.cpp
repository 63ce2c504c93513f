#include "app/tracing/exporter.hpp"

#include <algorithm>

#include "app/tracing/otlp.hpp"
#include "http/retry_after.hpp"

namespace app::tracing {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr int most_attempts = 5;
constexpr auto telling_pause = 60s;

// opentelemetry.io/docs/specs/otlp, "Retryable Response Codes".
bool passes(int status) { return status == 429 || status == 502 || status == 503 || status == 504; }

std::string counted(std::uint64_t count, std::string const& what) {
  return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

}  // namespace

Exporter::Exporter(Settings const& settings, Spans& spans, http::Client& client, base::Clock& clock,
                   base::Random& random, base::Log& log)
    : settings_(settings), spans_(spans), client_(client), clock_(clock), random_(random), log_(log) {}

asio::awaitable<void> Exporter::rest(std::chrono::nanoseconds time, std::stop_token const& ending) {
  nap_ = std::stop_source();
  std::stop_callback const wake(ending, [nap = nap_]() mutable { nap.request_stop(); });
  if (spans_.size() >= settings_.batch) co_return;
  co_await clock_.sleep(time, nap_.get_token());
}

asio::awaitable<void> Exporter::run(std::stop_token ending) {
  std::stop_callback const last(ending, [this] { last_moment_ = clock_.steady() + farewell; });
  for (;;) {
    bool const over = ending.stop_requested();
    if (!over) co_await rest(settings_.delay, ending);
    auto spans = spans_.take(settings_.batch);
    if (spans.empty()) {
      if (over) break;
      continue;
    }
    co_await deliver(std::move(spans), ending);
    tell_dropped();
  }
  tell_again_ = {};
  tell_dropped();
}

asio::awaitable<void> Exporter::deliver(std::vector<Span> spans, std::stop_token const& ending) {
  auto const body = encode_export(spans, settings_.resource);
  auto const count = spans.size();
  spans.clear();
  for (int attempt = 1;; ++attempt) {
    auto const left = std::chrono::floor<milliseconds>(last_moment_ - clock_.steady());
    if (left < 1ms) break;
    auto const limit = std::min(left, settings_.timeout);
    auto const outcome = co_await post(body, limit, count);
    if (outcome.done) co_return;
    tell_trouble(outcome.trouble);
    // At the end a collector that fails is not worth anybody's wait.
    if (!outcome.again || attempt == most_attempts || ending.stop_requested()) break;
    auto const bound = milliseconds(1'000) * (1 << attempt);
    auto wait = std::chrono::duration_cast<milliseconds>(bound * (0.5 + random_.unit() / 2));
    if (outcome.after) wait = std::clamp(*outcome.after, wait, milliseconds(60'000));
    std::stop_source pause;
    std::stop_callback const wake(ending, [&pause] { pause.request_stop(); });
    co_await clock_.sleep(wait, pause.get_token());
  }
  spans_.drop(count);
}

asio::awaitable<Exporter::Outcome> Exporter::post(std::string const& body, milliseconds limit,
                                                  std::size_t count) {
  auto const& to = settings_.endpoint;
  http::Request request("POST", to.origin, to.query.empty() ? to.path : to.path + '?' + to.query, body);
  request.operation = "export spans";
  request.headers.set("Content-Type", "application/json");
  for (auto const& [name, value] : settings_.headers) request.headers.set(name, value.reveal());
  request.timeouts.total = limit;
  request.timeouts.connect = std::min(limit, request.timeouts.connect);
  request.max_response = std::size_t{1} << 20U;
  auto const response = co_await client_.send(request);
  Outcome outcome;
  if (!response) {
    outcome.again = response.error().code == base::Errc::transient;
    outcome.trouble = base::describe(response.error());
    co_return outcome;
  }
  if (!response->ok()) {
    outcome.again = passes(response->status);
    outcome.after = http::retry_after(response->headers, clock_.system());
    outcome.trouble = "the collector answers HTTP " + std::to_string(response->status);
    co_return outcome;
  }
  outcome.done = true;
  auto const refusal = decode_answer(response->body);
  auto const refused = std::min<std::uint64_t>(refusal.spans, count);
  spans_.exported(count - refused);
  spans_.drop(refused);
  if (refused > 0) tell_trouble("the collector refuses " + counted(refused, "span") + ": " + refusal.reason);
  if (refused == 0 && troubled_) {
    troubled_ = false;
    log_.write(base::Level::info, "spans are exported again");
  }
  co_return outcome;
}

// Once, until it works again: messages go on as if nothing were.
void Exporter::tell_trouble(std::string const& trouble) {
  if (troubled_) return;
  troubled_ = true;
  log_.write(base::Level::warning, "spans can't be exported to " + settings_.endpoint.origin.to_string() +
                                       ", messages go on without: " + trouble);
}

void Exporter::tell_dropped() {
  auto const dropped = spans_.dropped();
  auto const now = clock_.steady();
  if (dropped == told_dropped_ || now < tell_again_) return;
  log_.write(base::Level::warning,
             counted(dropped - told_dropped_, "span") + " dropped: the collector did not take them in time");
  told_dropped_ = dropped;
  tell_again_ = now + telling_pause;
}

}  // namespace app::tracing
