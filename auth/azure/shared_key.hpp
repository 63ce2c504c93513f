#pragma once

#include <string>
#include <string_view>

#include "auth/azure/service.hpp"
#include "auth/core/refreshing.hpp"
#include "base/clock.hpp"
#include "base/secret.hpp"

// Shared Key authorization in its stages, each a pure function.
// https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
namespace auth::azure {

// The x-ms-* fields as "name:value\n": names in lower case and in order, white space folded.
std::string canonicalized_headers(http::Headers const& headers);

// "/account/path" and the query as the service wants it: for queue every parameter on a line of its own,
// decoded and in order; for table "?comp=…" alone. On a path-style endpoint the path names the account again.
std::string canonicalized_resource(Service service, std::string_view account, std::string_view target);

// What is signed. An empty body counts as no Content-Length (versions from 2015-02-21 on). Table signs only
// the verb, Content-MD5, Content-Type, date and resource.
std::string string_to_sign(Service service, std::string_view account, http::Request const& request);

// The value of Authorization: "SharedKey account:signature". `key` is the decoded AccountKey.
std::string authorization(std::string_view account, base::Secret const& key, std::string_view to_sign);

// Signs with the account's key; adds x-ms-date, and x-ms-version where it is absent. Never fails. The service
// takes no date that is more than 15 minutes off: where a refusal tells that our clock is over 5 minutes from
// the service's, dates are corrected by the difference from then on.
class SharedKey final : public Renewable {
 public:
  SharedKey(std::string account, base::Secret key, Service service, base::Clock& clock);
  Task<> sign(http::Request& request) override;
  bool renew(http::Request const& sent, http::Response const& refusal) override;

 private:
  std::string account_;
  base::Secret key_;
  Service service_;
  base::Clock& clock_;
  base::System::duration correction_{};
};

}  // namespace auth::azure
