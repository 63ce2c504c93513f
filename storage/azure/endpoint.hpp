#pragma once

#include <string>

#include "auth/azure/service.hpp"
#include "http/origin.hpp"
#include "storage/azure/settings.hpp"
#include "storage/core/uri.hpp"

namespace storage::azure {

using auth::azure::Service;

// One queue or table, found: where its requests go and what it is called.
struct Endpoint {
  Service service = Service::queue;
  http::Origin origin;
  std::string prefix;   // of every path: empty, or "/account" on path-style endpoints such as Azurite's
  std::string account;  // empty where neither the URI nor the settings name it
  std::string name;
};

// Whether the URI has one of our forms: azure:NAME, azure://ACCOUNT/NAME, https://ACCOUNT.queue.SUFFIX/NAME
// or https://ACCOUNT.table.SUFFIX/NAME.
bool is_azure(Uri const& uri);

// Where `uri` leads. An endpoint of the connection string holds for every form; a suffix comes from the URI,
// else from the connection string, else from the authority. invalid: a malformed URI, a name that the service
// forbids, a queue where a table is asked for or the reverse, no account, or another account than the
// connection string's.
base::Result<Endpoint> find_endpoint(Service service, Uri const& uri, Settings const& settings);

// Nothing where the service allows the name; else why not.
// https://learn.microsoft.com/rest/api/storageservices/naming-queues-and-metadata
// https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
std::optional<base::Error> check_name(Service service, std::string_view name);

}  // namespace storage::azure
