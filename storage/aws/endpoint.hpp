#pragma once

#include <string>

#include "base/environment.hpp"
#include "http/origin.hpp"
#include "storage/core/uri.hpp"

namespace storage::aws {

using base::Errc;
using base::Error;
using base::Result;

// Where the requests for one queue or table go.
struct Endpoint {
  http::Origin origin;
  std::string target = "/";  // the path of an override, else "/"
  std::string region;
  std::string name;
  std::string queue_url;  // as written by the user; empty where the service has to be asked
};

// aws:NAME, aws://REGION/NAME, any host under amazonaws.com, and http(s)://HOST[:PORT]/12-DIGIT-ID/NAME,
// which is how emulators write a queue URL. Hosts of Azure's services are left to Azure.
bool claims(Uri const& uri);

// AWS_ENDPOINT_URL_SQS (or _DYNAMODB), else AWS_ENDPOINT_URL, applies to every form. The region of the forms
// without one is AWS_REGION, else AWS_DEFAULT_REGION.
// invalid: a malformed URI, a name the service forbids, no region, a bad override, a queue's URL for a table.
// Names: 1 to 80 of A-Za-z0-9_-, with .fifo at the end (SQS); 3 to 255 of A-Za-z0-9_.- (DynamoDB).
Result<Endpoint> queue_endpoint(Uri const& uri, base::Environment const& environment);
Result<Endpoint> table_endpoint(Uri const& uri, base::Environment const& environment);

}  // namespace storage::aws
