#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <stop_token>
#include <string>

#include "app/tracing/settings.hpp"
#include "app/tracing/spans.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "http/client.hpp"

namespace app::tracing {

// Sends spans to the collector, away from the messages: one export at a time, what fails for a reason that
// may pass again after a pause, what can't be delivered dropped, counted and told.
class Exporter {
 public:
  Exporter(Settings const& settings, Spans& spans, http::Client& client, base::Clock& clock,
           base::Random& random, base::Log& log);

  // Until `ending` is requested, on the thread that runs this; then what is left, for `farewell` at most.
  boost::asio::awaitable<void> run(std::stop_token ending);
  // Spares the rest of a wait for more spans. On the same thread.
  void hurry() { nap_.request_stop(); }

  static constexpr std::chrono::milliseconds farewell{2'000};

 private:
  struct Outcome {
    bool done = false;
    bool again = false;  // may pass
    std::optional<std::chrono::milliseconds> after;
    std::string trouble;
  };
  boost::asio::awaitable<void> rest(std::chrono::nanoseconds time, std::stop_token const& ending);
  boost::asio::awaitable<void> deliver(std::vector<Span> spans, std::stop_token const& ending);
  boost::asio::awaitable<Outcome> post(std::string const& body, std::chrono::milliseconds limit,
                                       std::size_t count);
  void tell_trouble(std::string const& trouble);
  void tell_dropped();

  Settings const& settings_;
  Spans& spans_;
  http::Client& client_;
  base::Clock& clock_;
  base::Random& random_;
  base::Log& log_;
  std::stop_source nap_;
  base::Steady last_moment_ = base::Steady::max();  // for anything, once ending
  bool troubled_ = false;
  std::uint64_t told_dropped_ = 0;
  base::Steady tell_again_;
};

}  // namespace app::tracing
