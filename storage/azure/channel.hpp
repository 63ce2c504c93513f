#pragma once

#include <memory>
#include <optional>
#include <string>

#include "http/logging.hpp"
#include "http/retrying.hpp"
#include "storage/azure/credential.hpp"
#include "storage/azure/errors.hpp"
#include "storage/azure/identifying.hpp"
#include "storage/core/context.hpp"
#include "storage/core/rejected.hpp"

namespace storage::azure {

namespace asio = boost::asio;

// The way to one queue or table: the transport with logging, signing, identification and retries around it.
class Channel {
 public:
  // Everything referred to outlives the channel.
  Channel(Context const& context, Endpoint endpoint, Credential credential, http::RetryQuota& quota);
  Channel(Channel const&) = delete;

  // Sends to the endpoint. The reply with a status in `expected` (0 for none), or what another one means.
  Task<http::Response> send(http::Request& request, int expected, int or_expected = 0);
  // The reply whatever its status.
  Task<http::Response> ask(http::Request& request);

  Error error(http::Response const& response) const;
  // For a reply with a good status that can't be read.
  Error strange(http::Response const& response, std::string_view detail) const;

  Endpoint const& endpoint() const { return endpoint_; }
  Credential const& credential() const { return credential_; }
  std::string path() const { return endpoint_.prefix + '/' + endpoint_.name; }
  base::Clock& clock() const { return clock_; }
  base::Random& random() const { return random_; }

 private:
  Place place() const;
  http::RetryPolicy policy() const;
  std::optional<Error> classify(http::Response const& response) const;

  base::Clock& clock_;
  base::Random& random_;
  Endpoint endpoint_;
  Credential credential_;
  http::Logging logging_;
  std::unique_ptr<http::Client> signing_;
  Identifying identifying_;
  http::Retrying retrying_;
};

}  // namespace storage::azure
