#include "auth/azure/connection_string.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/encoding.hpp"

namespace auth::azure {

using base::Errc;
using base::Error;
using base::Result;
using base::Secret;

namespace {

// The emulator's published account: the same on every machine, so no secret.
constexpr std::string_view emulator_account = "devstoreaccount1";
constexpr std::string_view emulator_key =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

constexpr std::array<std::string_view, 9> known{"UseDevelopmentStorage",
                                                "DevelopmentStorageProxyUri",
                                                "DefaultEndpointsProtocol",
                                                "AccountName",
                                                "AccountKey",
                                                "EndpointSuffix",
                                                "QueueEndpoint",
                                                "TableEndpoint",
                                                "SharedAccessSignature"};
// Of services that we don't use, or replicas that can't be written.
constexpr std::array<std::string_view, 8> ignored{
    "BlobEndpoint",           "FileEndpoint",          "DfsEndpoint",
    "BlobSecondaryEndpoint",  "FileSecondaryEndpoint", "DfsSecondaryEndpoint",
    "QueueSecondaryEndpoint", "TableSecondaryEndpoint"};

Error bad(std::string what) {
  return Error(Errc::invalid, "AZURE_STORAGE_CONNECTION_STRING " + std::move(what));
}

// An unknown key may be a piece of a secret that was torn by a stray ';', so only what looks like a key is
// shown.
bool looks_like_key(std::string_view text) {
  return !text.empty() && text.size() <= 40 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

using Pairs = std::map<std::string_view, std::string_view>;  // canonical key to value

Result<Pairs> split(std::string_view text) {
  Pairs pairs;
  while (!text.empty()) {
    auto const end = std::min(text.find(';'), text.size());
    auto const part = base::trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.empty()) continue;
    auto const equals = part.find('=');
    if (equals == std::string_view::npos)
      return bad("has a part without '=': it must read Key=value;Key=value (copy it anew from the portal)");
    auto const key = base::trim(part.substr(0, equals));
    auto const same = [key](std::string_view candidate) { return base::iequals(candidate, key); };
    if (std::any_of(ignored.begin(), ignored.end(), same)) continue;
    auto const found = std::find_if(known.begin(), known.end(), same);
    if (found == known.end())
      return bad(looks_like_key(key) ? "has an unknown key \"" + std::string(key) + "\""
                                     : "has a part that is no known key=value pair");
    if (!pairs.emplace(*found, base::trim(part.substr(equals + 1))).second)
      return bad("names " + std::string(*found) + " twice");
  }
  if (pairs.empty()) return bad("is empty");
  return pairs;
}

std::string_view value(Pairs const& pairs, std::string_view key) {
  auto const found = pairs.find(key);
  return found == pairs.end() ? std::string_view() : found->second;
}

Result<ConnectionString> emulator(Pairs const& pairs) {
  if (!base::iequals(value(pairs, "UseDevelopmentStorage"), "true"))
    return bad("may set UseDevelopmentStorage only to true; leave the key out to use a real account");
  for (auto const& [key, ignored_value] : pairs)
    if (key != "UseDevelopmentStorage" && key != "DevelopmentStorageProxyUri")
      return bad("sets UseDevelopmentStorage=true beside " + std::string(key) +
                 ", which contradict each other: keep one of them");
  http::Origin origin;
  origin.scheme = "http";
  origin.host = "127.0.0.1";
  if (auto const proxy = value(pairs, "DevelopmentStorageProxyUri"); !proxy.empty()) {
    auto const url = http::parse_url(proxy);
    // Not its text: where a ';' is missing, a key may stand in it.
    if (!url) return bad("has a DevelopmentStorageProxyUri that is not an http or https URL");
    origin = url->origin;
  }
  ConnectionString parsed;
  parsed.account = emulator_account;
  parsed.protocol = origin.scheme;
  parsed.key = Secret(*base::base64_decode(emulator_key));
  http::Url url;
  url.origin = origin;
  url.path = '/' + parsed.account;
  url.origin.port = 10001;
  parsed.queue_endpoint = url;
  url.origin.port = 10002;
  parsed.table_endpoint = url;
  return parsed;
}

Result<std::optional<http::Url>> endpoint(Pairs const& pairs, std::string_view key) {
  auto const text = value(pairs, key);
  if (text.empty()) return std::optional<http::Url>();
  auto url = http::parse_url(text);
  // Not its text: an endpoint pasted with a SAS holds a secret.
  if (!url) return bad("has a " + std::string(key) + " that is not an http or https URL");
  if (!url->query.empty())
    return bad("has a " + std::string(key) +
               " with a query (?…): put the signature under SharedAccessSignature instead");
  while (url->path.ends_with('/')) url->path.pop_back();
  return std::optional<http::Url>(std::move(*url));
}

bool is_host(std::string_view text) {
  bool const labelled = !text.empty() && !text.starts_with('.') && !text.ends_with('.') &&
                        text.find("..") == std::string_view::npos;
  return labelled && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
         });
}

// What may stand in a request's target: visible ASCII.
bool is_query(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

bool is_account(std::string_view text) {
  return text.size() >= 3 && text.size() <= 24 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
         });
}

}  // namespace

Result<ConnectionString> parse_connection_string(std::string_view text) {
  auto const pairs = split(text);
  if (!pairs) return pairs.error();
  if (pairs->contains("UseDevelopmentStorage")) return emulator(*pairs);
  if (pairs->contains("DevelopmentStorageProxyUri"))
    return bad("sets DevelopmentStorageProxyUri without UseDevelopmentStorage=true");

  ConnectionString parsed;
  parsed.account = value(*pairs, "AccountName");
  if (!parsed.account.empty() && !is_account(parsed.account))
    return bad("has an AccountName that is not 3 to 24 lower-case letters and digits");
  if (auto const protocol = value(*pairs, "DefaultEndpointsProtocol"); !protocol.empty()) {
    parsed.protocol = base::lower(protocol);
    if (parsed.protocol != "http" && parsed.protocol != "https")
      return bad("has a DefaultEndpointsProtocol that is neither http nor https");
  }
  parsed.suffix = base::lower(value(*pairs, "EndpointSuffix"));
  if (parsed.suffix.starts_with('.')) parsed.suffix.erase(0, 1);
  if (!parsed.suffix.empty() && !is_host(parsed.suffix))
    return bad("has an EndpointSuffix that is not a domain such as core.windows.net");
  auto queue = endpoint(*pairs, "QueueEndpoint");
  if (!queue) return queue.error();
  auto table = endpoint(*pairs, "TableEndpoint");
  if (!table) return table.error();
  parsed.queue_endpoint = std::move(*queue);
  parsed.table_endpoint = std::move(*table);

  if (auto const key = value(*pairs, "AccountKey"); !key.empty()) {
    auto decoded = base::base64_decode(key);
    if (!decoded)
      return bad(
          "has an AccountKey that is not base64: copy the whole key from the portal, with its trailing '='");
    if (parsed.account.empty()) return bad("has an AccountKey but no AccountName");
    parsed.key = Secret(std::move(*decoded));
  }
  if (auto sas = value(*pairs, "SharedAccessSignature"); !sas.empty()) {
    if (!parsed.key.empty())
      return bad("has both an AccountKey and a SharedAccessSignature: keep one of them");
    // As the portal shows it, a '?' leads; pasted behind one's own, there are two.
    while (sas.starts_with('?')) sas.remove_prefix(1);
    if (!is_query(sas))
      return bad(
          "has a SharedAccessSignature that is not a query such as sv=…&sig=…: it holds spaces or characters "
          "that an address cannot hold; copy it anew from the portal");
    parsed.sas = Secret(std::string(sas));
  }
  return parsed;
}

}  // namespace auth::azure
