#pragma once

#include <optional>
#include <string>

#include "auth/azure/token.hpp"

namespace auth::azure {

// Whom a role is assigned to: an object of the directory.
struct Principal {
  std::string object_id;
  bool person = false;  // a user's login rather than an application's or a managed identity
};

// The holder of an access token, by its claims `oid` and `idtyp`; neither is a secret. Nothing where the
// token is no JWT (RFC 7519) or does not say. The signature is not checked: that is the service's business.
// https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
std::optional<Principal> principal_of(AccessToken const& token);

}  // namespace auth::azure
