#pragma once

#include "base/random.hpp"
#include "http/client.hpp"

namespace storage::azure {

// Puts the service's version and a fresh x-ms-client-request-id on every attempt, so that each can be found
// in the service's logs. Stands above signing: both headers are signed.
class Identifying final : public http::Client {
 public:
  Identifying(http::Client& inner, base::Random& random) : inner_(inner), random_(random) {}
  base::Task<http::Response> send(http::Request& request) override;

 private:
  http::Client& inner_;
  base::Random& random_;
};

}  // namespace storage::azure
