#include "http/curl/proxies.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/encoding.hpp"

namespace http::curl {

namespace {

Proxy first_of(base::Environment const& environment, std::initializer_list<std::string_view> names) {
  for (auto const name : names)
    if (auto value = environment.get(name)) return {std::move(*value), std::string(name)};
  return {};
}

struct Address {
  std::array<unsigned char, 16> bytes{};
  unsigned bits = 0;
};

std::optional<Address> parse_address(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  std::string const terminated(text);
  Address address;
  if (inet_pton(AF_INET, terminated.c_str(), address.bytes.data()) == 1) {
    address.bits = 32;
    return address;
  }
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) {
    address.bits = 128;
    return address;
  }
  return std::nullopt;
}

bool same_network(Address const& a, Address const& b, unsigned bits) {
  if (a.bits != b.bits || bits > a.bits) return false;
  for (unsigned i = 0; i < bits; ++i) {
    unsigned const mask = 0x80U >> (i % 8);
    if ((a.bytes[i / 8] & mask) != (b.bytes[i / 8] & mask)) return false;
  }
  return true;
}

bool address_covered(std::string_view entry, Address const& host) {
  auto const slash = entry.find('/');
  auto const network = parse_address(entry.substr(0, slash));
  if (!network) return false;
  if (slash == std::string_view::npos) return same_network(*network, host, host.bits);
  auto const bits = base::parse_u64(entry.substr(slash + 1));
  return bits && *bits <= 128 && same_network(*network, host, static_cast<unsigned>(*bits));
}

bool name_covered(std::string_view entry, std::string_view host) {
  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (entry.ends_with('.')) entry.remove_suffix(1);
  if (entry.empty() || host.size() < entry.size()) return false;
  auto const rest = host.size() - entry.size();
  return base::iequals(host.substr(rest), entry) && (rest == 0 || host[rest - 1] == '.');
}

}  // namespace

bool Proxy::known() const {
  auto const end = url.find("://");
  if (end == std::string::npos) return true;
  auto const scheme = base::lower(url.substr(0, end));
  static constexpr std::array<std::string_view, 6> schemes{"http",    "https",  "socks4",
                                                           "socks4a", "socks5", "socks5h"};
  return std::find(schemes.begin(), schemes.end(), scheme) != schemes.end();
}

bool Proxy::speaks_http() const { return !base::lower(url.substr(0, 5)).starts_with("socks"); }

bool no_proxy_covers(std::string_view list, std::string_view host) {
  if (base::trim(list) == "*") return true;
  auto const address = parse_address(host);
  if (host.ends_with('.')) host.remove_suffix(1);
  while (!list.empty()) {
    auto const end = std::min(list.find_first_of(", \t"), list.size());
    auto const entry = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    if (entry.empty()) continue;
    if (address ? address_covered(entry, *address) : name_covered(entry, host)) return true;
  }
  return false;
}

Proxies::Proxies(base::Environment const& environment)
    : http_(first_of(environment, {"http_proxy", "all_proxy", "ALL_PROXY"})),
      https_(first_of(environment, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})),
      no_proxy_(first_of(environment, {"no_proxy", "NO_PROXY"}).url) {}

Proxy const* Proxies::choose(Origin const& origin) const {
  // A proxy would ask its own neighbours, and see the token that was meant for ours.
  if (no_proxy_covers("169.254.0.0/16,fe80::/10,fd00:ec2::/32", origin.host)) return nullptr;
  Proxy const& proxy = origin.secure() ? https_ : http_;
  if (proxy.url.empty() || no_proxy_covers(no_proxy_, origin.host)) return nullptr;
  return &proxy;
}

}  // namespace http::curl
