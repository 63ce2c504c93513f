#pragma once

#include <curl/curl.h>

#include <string>

#include "http/client.hpp"

namespace http::curl {

// What is known of an exchange that brought no whole response.
struct Failure {
  enum class Kind {
    connecting,  // there is no connection
    broken,      // the connection broke while we wrote or read
    closed,      // it ended before a byte of the answer
    partial,     // it ended within the answer
    senseless,   // the answer is not HTTP, or frames itself in two ways
    total,       // timeouts.total has passed
    idle,        // nothing moved for timeouts.idle
    too_large    // the body passed max_response
  };
  Kind kind = Kind::connecting;
  CURLcode code = CURLE_OK;  // connecting, broken
  std::string detail;        // in words, empty for none
  bool begun = false;        // bytes of the request may have gone out
  long connect_status = 0;   // the proxy's answer to CONNECT, 0 for none
  std::string proxy;         // the variable that named the proxy, empty for none
};

// The Error for it: its sentence names the origin, never the path or query.
Error to_error(Failure const& failure, Request const& request);

}  // namespace http::curl
