#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/environment.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "http/client.hpp"
#include "http/traffic.hpp"

namespace auth::aws {

// What the providers of credentials need from the world around them. Everything referred to outlives them.
struct Context {
  http::Client& client;  // retrying by policy()
  http::Client& once;    // one attempt for each request: for questions whose answer may well be silence
  base::Clock& clock;
  base::Random& random;
  base::Environment const& environment;
  base::Log& log;
  std::string region;  // of STS where neither the environment nor the profile names one; may be empty
  http::Renewals* renewals = nullptr;  // counts what is fetched and expires
};

}  // namespace auth::aws
