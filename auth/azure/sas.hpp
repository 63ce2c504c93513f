#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/azure/service.hpp"
#include "auth/core/signer.hpp"
#include "base/clock.hpp"
#include "base/secret.hpp"

// Shared access signatures: a query that grants what it lists until it expires.
// https://learn.microsoft.com/rest/api/storageservices/create-account-sas
namespace auth::azure {

// The value of one parameter of a SAS, decoded; nothing where absent or broken.
std::optional<std::string> sas_parameter(std::string_view sas, std::string_view name);

// When a SAS ends by its `se` parameter; nothing where it has none (a stored access policy may govern it) or
// none that can be read.
std::optional<base::System> sas_expiry(std::string_view sas);

// Puts the SAS behind the target's own query.
void append_sas(std::string& target, std::string_view sas);

// Appends a SAS to every request. denied: it has expired by our clock; the sentence says when, and never
// holds the signature. Adds x-ms-version where it is absent.
class Sas final : public Signer {
 public:
  // `sas` has no leading '?'. `origin` says where it came from, e.g. the variable's name.
  Sas(base::Secret sas, std::string origin, base::Clock& clock);
  Task<> sign(http::Request& request) override;

 private:
  base::Secret sas_;
  std::string origin_;
  std::optional<base::System> expiry_;
  base::Clock& clock_;
};

}  // namespace auth::azure
