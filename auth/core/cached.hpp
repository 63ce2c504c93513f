#pragma once

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "base/event.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/task.hpp"
#include "http/traffic.hpp"

namespace auth {

// A secret that is fetched when first asked for, shared by all callers of one event loop, and renewed before
// it expires. There is never more than one fetch at a time; it runs beside the callers, so that nobody who
// could use the secret at hand waits for the next one.
//
// T is comparable by == and has `std::optional<base::System> expires_at`, nothing for one that lasts.
template <class T>
class Cached {
 public:
  using Fetch = std::function<base::Task<T>()>;

  // The first hold-off after a failed fetch, and the longest: they double from one failure to the next.
  static constexpr std::chrono::seconds first_hold{1};
  static constexpr std::chrono::seconds longest_hold{60};

  // `what` stands in log lines, e.g. "the access token". Counts where there are counters. Everything referred
  // to outlives the event loop's run.
  Cached(Fetch fetch, std::string what, base::Clock& clock, base::Random& random, base::Log& log,
         http::Renewals* counters = nullptr)
      : state_(std::make_shared<State>(std::move(fetch), std::move(what), clock, random, log, counters)) {}

  // The secret at hand while it is valid, else the next one. Renewal begins when between 15 and 25 % of the
  // life is left. The error of the last fetch where that failed, there is none at hand and the hold-off has
  // not passed (`retry_after` says when it will have); `cancelled` once `stop` is requested.
  base::Task<T> get(std::stop_token stop = {}) {
    auto const state = state_;
    auto const now = state->clock.steady();
    bool const held = now < state->not_before;
    if (state->usable()) {
      if (state->due() && !state->running && !held) start(state, co_await base::asio::this_coro::executor);
      co_return *state->secret;
    }
    auto mine = state->running;
    if (!mine && held && state->failure) {
      auto error = *state->failure;
      error.retry_after = std::chrono::ceil<std::chrono::milliseconds>(state->not_before - now);
      co_return error;
    }
    if (!mine) mine = start(state, co_await base::asio::this_coro::executor);
    std::stop_callback const wake(stop, [&mine] { mine->done.notify(); });
    while (!mine->result && !stop.stop_requested()) co_await mine->done.wait();
    if (!mine->result)
      co_return base::Error(base::Errc::cancelled, "stopped while waiting for " + state->what);
    co_return *mine->result;
  }

  // The service refused `used` though it had not expired. Drops it where it is still the one at hand. True
  // where get() has or will fetch another, so that sending again makes sense; false while secrets are refused
  // as fast as they are fetched, which no fetching mends.
  bool invalidate(T const& used) {
    auto& state = *state_;
    if (!state.secret || !(*state.secret == used)) return true;
    auto const now = state.clock.steady();
    if (now < state.keep_until) {
      state.refused_early = true;
      return false;
    }
    state.keep = state.refused_early ? std::min(state.keep * 2, longest_hold) : first_hold;
    state.refused_early = false;
    state.keep_until = now + state.keep;
    state.secret.reset();
    return true;
  }

 private:
  struct Running {
    explicit Running(base::asio::any_io_executor const& executor) : done(executor) {}
    base::Event done;
    std::optional<base::Result<T>> result;
  };

  struct State {
    State(Fetch fetch_, std::string what_, base::Clock& clock_, base::Random& random_, base::Log& log_,
          http::Renewals* counters_)
        : fetch(std::move(fetch_)),
          what(std::move(what_)),
          clock(clock_),
          random(random_),
          log(log_),
          counters(counters_) {}

    bool usable() const { return secret && (!secret->expires_at || clock.system() < usable_until); }
    bool due() const { return secret->expires_at && clock.system() >= renew_at; }

    void count(base::Result<T> const& result) {
      if (!counters) return;
      if (!result) {
        ++counters->failed[result.error().code];
        return;
      }
      ++counters->done;
      auto const end =
          result->expires_at ? result->expires_at->time_since_epoch() : base::System::duration(0);
      counters->fetched_ns.set(nanoseconds(clock.steady().time_since_epoch()));
      counters->expires_ns.set(nanoseconds(end));
    }
    static std::int64_t nanoseconds(std::chrono::nanoseconds duration) { return duration.count(); }

    void take(base::Result<T> const& result) {
      count(result);
      if (result) {
        secret = *result;
        failure.reset();
        failures = 0;
        not_before = clock.steady() + first_hold;
        if (!secret->expires_at) return;
        auto const now = clock.system();
        // One that has expired by our clock is used for a moment all the same: the service's clock counts.
        usable_until = std::max(*secret->expires_at, now + first_hold);
        auto const left = std::chrono::duration<double>(usable_until - now) * (0.15 + 0.1 * random.unit());
        renew_at = usable_until - std::chrono::duration_cast<base::System::duration>(left);
        return;
      }
      failure = result.error();
      failure->maybe_applied = false;  // of the fetch; the caller's own request was not sent
      auto const doubled = first_hold * (1 << std::min(failures++, 6));
      not_before = clock.steady() + std::min<std::chrono::seconds>(doubled, longest_hold);
      if (usable())
        log.write(base::Level::warning,
                  what + " could not be renewed and stays in use until it expires: " + describe(*failure));
    }

    Fetch fetch;
    std::string what;
    base::Clock& clock;
    base::Random& random;
    base::Log& log;
    http::Renewals* counters;

    std::optional<T> secret;
    base::System usable_until;
    base::System renew_at;
    std::shared_ptr<Running> running;

    std::optional<base::Error> failure;  // of the last fetch, where it failed
    int failures = 0;                    // in a row
    base::Steady not_before{};           // of the next fetch that is not asked for by want of a secret

    std::chrono::seconds keep = first_hold;
    base::Steady keep_until{};  // of the next secret dropped by invalidate()
    bool refused_early = false;
  };

  static std::shared_ptr<Running> start(std::shared_ptr<State> const& state,
                                        base::asio::any_io_executor const& executor) {
    auto const running = std::make_shared<Running>(executor);
    state->running = running;
    base::asio::co_spawn(executor, run(state, running), [](std::exception_ptr const& thrown) {
      if (thrown) std::rethrow_exception(thrown);
    });
    return running;
  }

  static base::asio::awaitable<void> run(std::shared_ptr<State> state, std::shared_ptr<Running> running) {
    base::Result<T> result = base::Error();
    try {
      result = co_await state->fetch();
    } catch (std::exception const& thrown) {
      result = base::Error(base::Errc::transient, state->what + " could not be fetched: " + thrown.what());
    }
    state->take(result);
    if (!result) result = *state->failure;
    running->result = result;
    state->running.reset();
    running->done.notify();
  }

  std::shared_ptr<State> state_;
};

}  // namespace auth
