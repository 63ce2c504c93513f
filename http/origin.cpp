#include "http/origin.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace http {

using base::Errc;
using base::Error;

bool is_localhost(std::string_view host) { return host == "localhost" || host.ends_with(".localhost"); }

std::string Origin::authority() const {
  bool const standard = port == (scheme == "http" ? 80 : 443);
  return standard ? host : host + ':' + std::to_string(port);
}

bool Origin::loopback() const {
  if (is_localhost(host) || host == "[::1]") return true;
  if (!host.starts_with("127.")) return false;
  return std::all_of(host.begin(), host.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

base::Result<Url> parse_url(std::string_view text) {
  Url url;
  auto const scheme_end = text.find("://");
  std::string const scheme = base::lower(text.substr(0, std::min(scheme_end, text.size())));
  if (scheme_end == std::string_view::npos || (scheme != "http" && scheme != "https"))
    return Error(Errc::invalid, "a URL must begin with http:// or https://");
  url.origin.scheme = scheme;
  std::string_view rest = text.substr(scheme_end + 3);
  auto const authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view authority = rest.substr(0, authority_end);
  rest.remove_prefix(authority_end);
  if (authority.find('@') != std::string_view::npos)
    return Error(Errc::invalid, "a URL must not carry a user name or password");
  if (rest.find('#') != std::string_view::npos)
    return Error(Errc::invalid, "a URL must not carry a #fragment");
  for (char const c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F)
      return Error(Errc::invalid,
                   "a URL must not contain spaces, control characters or characters outside ASCII");

  auto const bracket = authority.rfind(']');
  auto const colon = authority.rfind(':');
  bool const has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  url.origin.host = base::lower(authority.substr(0, has_port ? colon : authority.size()));
  if (url.origin.host.empty())
    return Error(Errc::invalid, "the URL \"" + std::string(text) + "\" names no host");
  // Only an address of IPv6 holds colons, and it stands in brackets (RFC 3986 section 3.2.2).
  bool const bracketed = authority.starts_with('[') && url.origin.host.ends_with(']');
  if (!bracketed && url.origin.host.find_first_of(":[]") != std::string::npos)
    return Error(Errc::invalid, "the URL \"" + std::string(text) + "\" names no host that could be one");
  url.origin.port = scheme == "http" ? 80 : 443;
  if (has_port) {
    auto const port = base::parse_u64(authority.substr(colon + 1));
    if (!port || *port == 0 || *port > 65535)
      return Error(Errc::invalid, "the URL \"" + std::string(text) + "\" has a port outside 1 to 65535");
    url.origin.port = static_cast<std::uint16_t>(*port);
  }
  auto const question = std::min(rest.find('?'), rest.size());
  url.path = rest.substr(0, question);
  if (question < rest.size()) url.query = rest.substr(question + 1);
  return url;
}

}  // namespace http
