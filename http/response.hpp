#pragma once

#include <string>

#include "http/headers.hpp"

namespace http {

// What the service answered: any status is a response, not an error of the transport.
struct Response {
  int status = 0;
  Headers headers;
  std::string body;

  int attempts = 1;            // how many requests it took
  bool maybe_applied = false;  // an earlier attempt of the same request may have been applied

  bool ok() const { return status >= 200 && status < 300; }
};

}  // namespace http
