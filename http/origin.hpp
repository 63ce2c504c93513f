#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace http {

// Whether a host, in lower case, is this machine by name (RFC 6761 section 6.3).
bool is_localhost(std::string_view host);

// Where a request goes: scheme, host and port (RFC 6454), in lower case, the port always filled in.
struct Origin {
  std::string scheme = "https";
  std::string host;  // an IPv6 address stands in brackets
  std::uint16_t port = 443;

  bool secure() const { return scheme == "https"; }
  // "host" or "host:port" where the port is not the scheme's own: the value of a Host header.
  std::string authority() const;
  // "https://host[:port]".
  std::string to_string() const { return scheme + "://" + authority(); }
  // Loopback by name or address: where plain http and emulator credentials are allowed.
  bool loopback() const;
  friend bool operator==(Origin const&, Origin const&) = default;
};

// An absolute http or https URL, split. `path` begins with '/' or is empty; `query` has no '?'.
struct Url {
  Origin origin;
  std::string path;
  std::string query;
};

// invalid: not an absolute http(s) URL, or one with userinfo or a fragment (never repeats the userinfo).
base::Result<Url> parse_url(std::string_view text);

}  // namespace http
