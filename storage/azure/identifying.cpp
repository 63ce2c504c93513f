#include "storage/azure/identifying.hpp"

#include "auth/azure/service.hpp"

namespace storage::azure {

base::Task<http::Response> Identifying::send(http::Request& request) {
  request.headers.set("x-ms-version", auth::azure::api_version);
  request.headers.set("x-ms-client-request-id", base::uuid(random_));
  return inner_.send(request);
}

}  // namespace storage::azure
