#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/environment.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "base/task.hpp"
#include "http/client.hpp"

namespace auth::azure {

using base::Errc;
using base::Error;
using base::Result;
using base::Task;

// What Entra ID issues for Azure storage.
struct AccessToken {
  base::Secret token;
  std::optional<base::System> expires_at;
  // Two are the same where they say the same: one source may tell its end otherwise at each request.
  friend bool operator==(AccessToken const& a, AccessToken const& b) { return a.token == b.token; }
};

// One way to an access token; one file each. Asks anew at every call: caching is Cached's.
class TokenSource {
 public:
  virtual ~TokenSource() = default;
  // absent: this source is not set up here, so that a chain goes on to the next; the sentence says what is
  // missing. Any other error: it is set up and failed; denied where only a person can mend it.
  virtual Task<AccessToken> get() = 0;
  // For sentences and logs, e.g. "workload identity".
  virtual std::string name() const = 0;
  // The same with what tells one identity from another, e.g. its client id.
  virtual std::string description() const { return name(); }
  // The sources that were asked before the one that gave the last token, each with what it lacks.
  virtual std::string passed_over() const { return {}; }
};

// What the sources need from the world around them. Everything referred to outlives them.
struct Surroundings {
  http::Client& authority;  // retries what may pass, by Entra's statuses
  http::Client& metadata;   // the same by those of the metadata service
  http::Client& once;       // one attempt: for a question whose answer may well be silence
  base::Clock& clock;
  base::Random& random;
  base::Environment const& environment;
  base::Log& log;
};

}  // namespace auth::azure
