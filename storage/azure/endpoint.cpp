#include "storage/azure/endpoint.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace storage::azure {

using base::Errc;
using base::Error;
using base::Result;

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

std::string dotted(Service service) { return '.' + std::string(to_string(service)) + '.'; }

// What a URI says, before the settings are asked.
struct Named {
  std::string account;
  std::string suffix;
  std::string name;
};

// ACCOUNT.queue.SUFFIX, or ACCOUNT.zNN.queue.SUFFIX where the account has a DNS zone.
bool serves(std::string_view host, Service service) {
  auto const at = host.find(dotted(service));
  return at != std::string_view::npos && at > 0 && !host.ends_with("amazonaws.com") &&
         !host.ends_with("amazonaws.com.cn");
}

Result<Named> of_url(Service service, Uri const& uri) {
  auto const host = base::lower(uri.authority);
  auto const other = service == Service::queue ? Service::table : Service::queue;
  if (uri.scheme != "https")
    return Error(Errc::invalid, quoted(uri.text) +
                                    " must begin with https://: Azure storage is spoken to over TLS (an "
                                    "emulator's http endpoint belongs into AZURE_STORAGE_CONNECTION_STRING)");
  if (!serves(host, service) && serves(host, other))
    return Error(Errc::invalid, quoted(uri.text) + " is the address of a " + std::string(to_string(other)) +
                                    " where a " + std::string(to_string(service)) +
                                    " is wanted: write https://ACCOUNT" + dotted(service) + "SUFFIX/NAME");
  auto const label = host.find(dotted(service));
  bool const plain = std::all_of(host.begin(), host.end(),
                                 [](char c) { return is_lower(c) || is_digit(c) || c == '-' || c == '.'; });
  if (label == std::string::npos || !plain)
    return Error(Errc::invalid,
                 quoted(uri.text) + " is not of the form https://ACCOUNT" + dotted(service) + "SUFFIX/NAME");
  Named named;
  auto const dot = host.find('.');
  named.account = host.substr(0, dot);
  // A DNS zone stays between account and service: it is a part of the address.
  named.suffix = host.substr(dot + 1);
  named.name = uri.path.substr(1);
  return named;
}

// The account that an endpoint of the connection string belongs to; empty where its host doesn't say.
std::string account_of(http::Url const& url, Service service) {
  auto const& host = url.origin.host;
  if (serves(host, service)) return host.substr(0, host.find('.'));
  bool const address = host.starts_with('[') ||
                       std::all_of(host.begin(), host.end(), [](char c) { return is_digit(c) || c == '.'; });
  if (!address && !url.origin.loopback()) return {};
  auto const path = std::string_view(url.path).substr(url.path.empty() ? 0 : 1);
  return std::string(path.substr(0, path.find('/')));
}

Error contradicts(std::string_view from, std::string_view account, std::string_view other) {
  return Error(Errc::invalid, std::string(from) + " names the account " + quoted(account) +
                                  ", but AZURE_STORAGE_CONNECTION_STRING belongs to " + quoted(other) +
                                  ": make them agree or unset the variable");
}

}  // namespace

bool is_azure(Uri const& uri) {
  if (uri.scheme == "azure") return true;
  if (uri.scheme != "https" && uri.scheme != "http") return false;
  auto const host = base::lower(uri.authority);
  return serves(host, Service::queue) || serves(host, Service::table);
}

std::optional<Error> check_name(Service service, std::string_view name) {
  bool const sized = name.size() >= 3 && name.size() <= 63;
  if (service == Service::queue) {
    bool const characters =
        std::all_of(name.begin(), name.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
    if (sized && characters && !name.starts_with('-') && !name.ends_with('-') &&
        name.find("--") == std::string_view::npos)
      return std::nullopt;
    return Error(Errc::invalid, quoted(name) +
                                    " can't name a queue of Azure: 3 to 63 lower-case letters, digits and "
                                    "single hyphens between them are allowed");
  }
  bool const characters =
      std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c); });
  if (sized && characters && is_letter(name.front()) && !base::iequals(name, "tables")) return std::nullopt;
  return Error(Errc::invalid, quoted(name) +
                                  " can't name a table of Azure: 3 to 63 letters and digits are allowed, "
                                  "beginning with a letter, but not the word \"tables\"");
}

Result<Endpoint> find_endpoint(Service service, Uri const& uri, Settings const& settings) {
  Named named;
  if (uri.scheme == "azure") {
    named.account = base::lower(uri.authority);
    named.name = uri.has_authority ? uri.path.substr(1) : uri.path;
    if (uri.has_authority && named.account.empty())
      return Error(Errc::invalid, quoted(uri.text) + " names no account: write azure://ACCOUNT/NAME");
  } else {
    auto url = of_url(service, uri);
    if (!url) return url.error();
    named = std::move(*url);
  }
  if (!uri.fragment.empty())
    return Error(Errc::invalid, quoted(uri.text) + " has a #fragment, which an Azure URI does not take");
  if (auto const forbidden = check_name(service, named.name)) return *forbidden;

  auto const& connection = settings.connection;
  std::optional<http::Url> fixed;
  std::string known;  // the connection string's account, as far as it says
  if (connection) {
    fixed = service == Service::queue ? connection->queue_endpoint : connection->table_endpoint;
    known = connection->account;
    if (known.empty() && fixed) known = account_of(*fixed, service);
    if (!known.empty() && !named.account.empty() && known != named.account)
      return contradicts(quoted(uri.text), named.account, known);
  }

  Endpoint endpoint;
  endpoint.service = service;
  endpoint.name = named.name;
  endpoint.account = named.account;
  if (endpoint.account.empty()) endpoint.account = known;
  if (endpoint.account.empty() && !fixed) endpoint.account = base::lower(settings.account);
  if (fixed) {
    endpoint.origin = fixed->origin;
    endpoint.prefix = fixed->path;
    return endpoint;
  }
  if (endpoint.account.empty())
    return Error(Errc::invalid,
                 quoted(uri.text) +
                     " names no account: set AZURE_STORAGE_CONNECTION_STRING or AZURE_STORAGE_ACCOUNT_NAME, "
                     "or write azure://ACCOUNT/NAME");
  bool const sized = endpoint.account.size() >= 3 && endpoint.account.size() <= 24;
  if (!sized || !std::all_of(endpoint.account.begin(), endpoint.account.end(),
                             [](char c) { return is_lower(c) || is_digit(c); }))
    return Error(Errc::invalid, quoted(endpoint.account) +
                                    " can't name a storage account: 3 to 24 lower-case letters and digits "
                                    "are allowed");
  auto suffix = named.suffix;
  if (suffix.empty())
    suffix = dotted(service).substr(1) +
             (connection && !connection->suffix.empty() ? connection->suffix : settings.suffix);
  if (connection && named.suffix.empty()) endpoint.origin.scheme = connection->protocol;
  endpoint.origin.port = endpoint.origin.secure() ? 443 : 80;
  endpoint.origin.host = endpoint.account + '.' + suffix;
  return endpoint;
}

}  // namespace storage::azure
