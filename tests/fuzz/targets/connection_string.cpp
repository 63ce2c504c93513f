// AZURE_STORAGE_CONNECTION_STRING.
#include "auth/azure/connection_string.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"

using namespace auth::azure;

namespace {

// The same, written anew. The emulator's short form is written as what it stands for.
std::string written(ConnectionString const& parsed) {
  std::string text = "DefaultEndpointsProtocol=" + parsed.protocol + ';';
  auto const add = [&text](std::string const& key, std::string const& value) {
    if (!value.empty()) text += key + '=' + value + ';';
  };
  auto const url = [](std::optional<http::Url> const& endpoint) {
    return endpoint ? endpoint->origin.to_string() + endpoint->path : std::string();
  };
  add("AccountName", parsed.account);
  add("AccountKey", base::base64_encode(parsed.key.reveal()));
  add("SharedAccessSignature", parsed.sas.reveal());
  add("EndpointSuffix", parsed.suffix);
  add("QueueEndpoint", url(parsed.queue_endpoint));
  add("TableEndpoint", url(parsed.table_endpoint));
  return text;
}

bool same(std::optional<http::Url> const& a, std::optional<http::Url> const& b) {
  return a.has_value() == b.has_value() && (!a || (a->origin == b->origin && a->path == b->path));
}

}  // namespace

void fuzz::connection_string(std::string_view input) {
  auto const parsed = parse_connection_string(input);
  if (!parsed) {
    must_be_told(parsed.error());
    // A key as a person would paste it must not be repeated, wherever the text breaks.
    auto const at = base::lower(input).find("accountkey=");
    if (at != std::string::npos) {
      auto const rest = input.substr(at + 11);
      auto const value = base::trim(rest.substr(0, std::min(rest.find(';'), rest.size())));
      if (value.size() >= 24 && base::base64_decode(value))  // no words of our own
        must(parsed.error().message.find(value) == std::string::npos, "an error holds no key");
    }
    return;
  }
  must(parsed->protocol == "http" || parsed->protocol == "https", "a protocol is one of two");
  must(parsed->key.empty() || (!parsed->account.empty() && parsed->sas.empty()), "a key has its account");
  auto const again = parse_connection_string(written(*parsed));
  must(again.has_value(), "a connection string can be written and read again");
  must(again->account == parsed->account && again->key == parsed->key && again->suffix == parsed->suffix &&
           again->protocol == parsed->protocol && again->sas == parsed->sas,
       "a connection string comes back as it was");
  must(same(again->queue_endpoint, parsed->queue_endpoint) &&
           same(again->table_endpoint, parsed->table_endpoint),
       "endpoints come back as they were");
}
