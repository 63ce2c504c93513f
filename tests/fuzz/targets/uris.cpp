// Queue and table URIs, and where each cloud finds them.
#include <map>

#include "base/encoding.hpp"
#include "fuzz/lines.hpp"
#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"
#include "storage/aws/endpoint.hpp"
#include "storage/azure/endpoint.hpp"

namespace {

using base::Errc;

void can_be_asked(http::Origin const& origin) {
  auto const url = http::parse_url(origin.to_string() + "/");
  fuzz::must(url.has_value(), "an endpoint is a URL");
  fuzz::must(url->origin == origin, "an endpoint is the one that is asked");
}

void is_refused(base::Error const& error) {
  fuzz::must(error.code == Errc::invalid, "a URI that can't be used is invalid");
  fuzz::must(!error.message.empty() && error.message.find('\n') == std::string::npos, "an error is one line");
}

void azure(storage::Uri const& uri) {
  using namespace storage::azure;
  if (!is_azure(uri)) return;
  Settings settings;
  settings.account = "account";
  settings.suffix = "core.windows.net";
  for (auto const service : {Service::queue, Service::table}) {
    auto const endpoint = find_endpoint(service, uri, settings);
    if (!endpoint) {
      is_refused(endpoint.error());
      continue;
    }
    fuzz::must(!check_name(service, endpoint->name), "a name is one that the service takes");
    fuzz::must(!endpoint->account.empty(), "an endpoint has an account");
    can_be_asked(endpoint->origin);
  }
}

void aws(storage::Uri const& uri) {
  using namespace storage::aws;
  if (!claims(uri)) return;
  std::map<std::string, std::string, std::less<>> const variables{{"AWS_REGION", "eu-west-1"}};
  base::Environment const environment(variables);
  for (auto const& endpoint : {queue_endpoint(uri, environment), table_endpoint(uri, environment)}) {
    if (!endpoint) {
      is_refused(endpoint.error());
      continue;
    }
    fuzz::must(!endpoint->name.empty() && !endpoint->region.empty(), "an endpoint has a name and a region");
    fuzz::must(fuzz::is_target(endpoint->target), "a request can be made of it");
    can_be_asked(endpoint->origin);
  }
}

}  // namespace

void fuzz::uris(std::string_view input) {
  if (auto const url = http::parse_url(input)) {
    auto const again =
        http::parse_url(url->origin.to_string() + url->path + (url->query.empty() ? "" : '?' + url->query));
    must(again && again->origin == url->origin && again->path == url->path && again->query == url->query,
         "a URL comes back as it was");
  } else {
    is_refused(url.error());
  }
  auto const uri = storage::Uri::parse(input);
  if (!uri) return is_refused(uri.error());
  must(!uri->scheme.empty() && !uri->path.empty(), "a URI has a scheme and names something");
  must(uri->text == input, "a URI is kept as it was written");
  azure(*uri);
  aws(*uri);
}
