#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "http/curl/connector.hpp"
#include "http/curl/link.hpp"
#include "http/curl/tls.hpp"

namespace http::curl {

struct Exchange;
struct Route;

// A link that stands, with TLS on it or without, and whose turn it is.
struct Connection {
  CURLcode send(std::string_view bytes, std::size_t& sent) {
    return tls ? tls->send(bytes, sent) : link->send(bytes, sent);
  }
  CURLcode receive(std::span<char> into, std::size_t& received) {
    return tls ? tls->receive(into, received) : link->receive(into, received);
  }
  std::string detail() const { return tls ? tls->detail() : link->detail(); }

  std::unique_ptr<Link> link;
  Route& route;
  curl_socket_t socket;
  std::uint32_t birth;             // tells it from an earlier one with the same file descriptor
  std::unique_ptr<TlsStream> tls;  // null without TLS
  Exchange* exchange = nullptr;    // null while it's idle
  bool shaking = false;            // hands, by TLS: no request yet
  bool served = false;             // an exchange before this one
  bool ending = false;             // the other side has closed its half: no further request
  base::Steady idle_since{};
};

// The way to one origin, with the idle connections that stand on it.
struct Route {
  Origin origin;
  Proxy const* proxy = nullptr;
  Connector* connector = nullptr;   // that makes connections this way
  bool whole_url = false;           // the proxy reads HTTP itself
  std::string proxy_authorization;  // and this is for it
  Resumption resumption;
  std::vector<Connection*> idle;  // the one used last is at the back
  std::deque<Exchange*> waiting;  // for a connection to become idle
  std::size_t standing = 0;       // connections, with those that shake hands
  std::size_t dialing = 0;        // requests for which one is being made
};

}  // namespace http::curl
