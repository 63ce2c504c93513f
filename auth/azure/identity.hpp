#pragma once

#include <memory>
#include <stop_token>

#include "auth/azure/token.hpp"
#include "auth/core/cached.hpp"

namespace auth::azure {

// Who we are to Azure storage, for everything on one event loop: the chain of sources with one token kept
// before it.
class Identity {
 public:
  // Token requests go through `transport`, which has no layers of its own, with retries and logging that
  // never shows a form. Counts in `traffic`, where given. Everything referred to outlives the loop's run.
  // invalid: AZURE_TOKEN_CREDENTIALS can't be understood.
  static Result<std::shared_ptr<Identity>> make(http::Client& transport, base::Clock& clock,
                                                base::Random& random, base::Environment const& environment,
                                                base::Log& log, http::Traffic* traffic = nullptr);

  // As Cached::get.
  Task<AccessToken> token(std::stop_token stop) { return cached_.get(std::move(stop)); }
  // As Cached::invalidate.
  bool refused(AccessToken const& used) { return cached_.invalidate(used); }
  // For sentences, e.g. "the workload identity 1234…".
  std::string description() const;
  // As TokenSource::passed_over.
  std::string passed_over() const;

 private:
  struct Sources;
  Identity(std::shared_ptr<Sources> sources, base::Clock& clock, base::Random& random, base::Log& log,
           http::Traffic* traffic);
  std::shared_ptr<Sources> sources_;
  Cached<AccessToken> cached_;
};

}  // namespace auth::azure
