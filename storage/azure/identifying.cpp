#include "storage/azure/identifying.hpp"

#include "auth/azure/service.hpp"

namespace storage::azure {

base::Task<http::Response> Identifying::send(http::Request request) {
  request.headers.set("x-ms-version", std::string(auth::azure::api_version));
  request.headers.set("x-ms-client-request-id", base::uuid(random_));
  co_return co_await inner_.send(std::move(request));
}

}  // namespace storage::azure
