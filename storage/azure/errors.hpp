#pragma once

#include <string>

#include "base/clock.hpp"
#include "http/client.hpp"
#include "storage/azure/endpoint.hpp"

namespace storage::azure {

// What an error's sentence needs to know of where it happened.
struct Place {
  Service service = Service::queue;
  std::string name;
  std::string account;
  std::string host;
  std::string credential;

  std::string what() const { return std::string(to_string(service)) + " \"" + name + '"'; }
};

// The one place where a status and a service code become an Error. `response` is no success; also the replies
// inside a batch are given here. `now` reads a Retry-After date.
// https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
base::Error to_error(http::Response const& response, Place const& place, base::System now);

// The service's own code of a response that is no success, from its header or body; empty where it has none.
std::string service_code(http::Response const& response);

// For a reply that is no reply of the service at all: truncated, of another form, from something in between.
base::Error not_understood(http::Response const& response, Place const& place, std::string_view detail);

}  // namespace storage::azure
