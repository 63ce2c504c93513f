#pragma once

#include <string>
#include <string_view>

#include "base/environment.hpp"
#include "http/origin.hpp"

namespace http::curl {

// One proxy and the variable that named it. `url` may hold a password: only libcurl gets to see it.
struct Proxy {
  std::string url;
  std::string variable;
  // A proxy that reads HTTP itself, so that a plain http request names the whole URL (RFC 9112, 3.2.2).
  bool speaks_http() const;
  // A kind of proxy that exists: http (also where no scheme is given), https or socks.
  bool known() const;
};

// Which proxy a request takes, by curl's own rules: https_proxy or HTTPS_PROXY for https, http_proxy (lower
// case only: HTTP_PROXY could come from a CGI request header) for http, all_proxy or ALL_PROXY for both, less
// what no_proxy or NO_PROXY lists. As with curl, loopback is not special: list it in no_proxy. Unlike with
// curl, the metadata services of the machine (link-local addresses and AWS's fd00:ec2::/32) never go by
// proxy.
class Proxies {
 public:
  explicit Proxies(base::Environment const& environment);
  // nullptr: go there directly.
  Proxy const* choose(Origin const& origin) const;

 private:
  Proxy http_;
  Proxy https_;
  std::string no_proxy_;
};

// Whether a no_proxy list covers `host` (an IPv6 address may stand in brackets). Entries are separated by
// commas or spaces: "*" alone is every host; a name covers itself and its subdomains, with or without a
// leading dot; an address covers itself, or its network where /bits follows.
bool no_proxy_covers(std::string_view list, std::string_view host);

}  // namespace http::curl
