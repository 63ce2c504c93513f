#pragma once

#include <curl/curl.h>

#include <string>

#include "http/client.hpp"

namespace http::curl {

// What is known of an exchange that brought no whole response.
struct Failure {
  CURLcode code = CURLE_OK;
  std::string detail;       // libcurl's own words, empty when it said nothing
  bool begun = false;       // the connection stood, so bytes of the request may have gone out
  bool idle = false;        // stopped by us: nothing moved for timeouts.idle
  bool over_cap = false;    // stopped by us: the body passed max_response
  long connect_status = 0;  // the proxy's answer to CONNECT, 0 for none
  std::string proxy;        // the variable that named the proxy, empty for none
};

// The Error for it: its sentence names the origin, never the path or query.
Error to_error(Failure const& failure, Request const& request);

}  // namespace http::curl
