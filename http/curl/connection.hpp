#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "http/curl/link.hpp"

namespace http::curl {

struct Exchange;
struct Route;

// A link that stands, and whose turn it is.
struct Connection {
  Link& link;
  Route& route;
  curl_socket_t socket;
  std::uint32_t birth;           // tells it from an earlier one with the same file descriptor
  Exchange* exchange = nullptr;  // null while it's idle
  bool served = false;           // an exchange before this one
  bool ending = false;           // the other side has closed its half: no further request
  base::Steady idle_since{};
};

// The way to one origin, with the idle connections that stand on it.
struct Route {
  Origin origin;
  Proxy const* proxy = nullptr;
  bool whole_url = false;           // the proxy reads HTTP itself
  std::string proxy_authorization;  // and this is for it
  std::vector<Connection*> idle;    // the one used last is at the back
};

}  // namespace http::curl
