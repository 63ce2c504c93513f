#pragma once

#include "http/client.hpp"

namespace auth {

using base::Errc;
using base::Error;
using base::Result;
using base::Task;

// Puts on a request what proves who sends it. Called once for each attempt, so dates and tokens are fresh.
class Signer {
 public:
  virtual ~Signer() = default;
  // denied: no credential could be had; the sentence names the provider and what to do next.
  virtual Task<> sign(http::Request& request) = 0;
};

}  // namespace auth
