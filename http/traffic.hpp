#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/tally.hpp"
#include "http/client.hpp"

namespace http {

using Errors = base::Tallies<base::Errc, base::Errc::cancelled>;

// How often requests to one service were sent again, and how often it had enough.
struct Retries {
  Errors again;  // by why
  base::Tally throttles;
};

// What became of the secret that expires and is fetched anew: a token, or temporary credentials.
struct Renewals {
  base::Tally done;
  Errors failed;
  base::Reading<std::int64_t> fetched_ns{0};  // by the steady clock; 0: never
  base::Reading<std::int64_t> expires_ns{0};  // since the epoch; 0: it lasts
};

// Attempts by server, method and outcome, of which there are few.
class Attempts {
 public:
  struct Series {
    std::string server;
    std::string method;
    int status = 0;  // 0: there was no whole response
    std::optional<base::Errc> error;
    base::Timings taken;
  };
  // What comes after so many kinds counts as one, whose server is "other".
  static constexpr std::size_t most = 64;
  using List = base::Growing<Series, most + 1>;

  void record(std::string const& server, std::string const& method, int status,
              std::optional<base::Errc> error, std::chrono::nanoseconds taken);
  List const& series() const { return series_; }

 private:
  Series& find(std::string const& server, std::string const& method, int status,
               std::optional<base::Errc> error);
  List series_;
};

// What one event loop sent and what came of it: counted on its thread, read from any.
struct Traffic {
  Retries queue;
  Retries table;
  Retries identity;
  Renewals renewals;
  Attempts attempts;
};

// Times each attempt.
class Timing final : public Client {
 public:
  // Everything referred to outlives the layer.
  Timing(Client& inner, base::Clock& clock, Attempts& attempts)
      : inner_(inner), clock_(clock), attempts_(attempts) {}
  Task<Response> send(Request& request) override;

 private:
  Client& inner_;
  base::Clock& clock_;
  Attempts& attempts_;
};

}  // namespace http
