#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "auth/azure/identity.hpp"
#include "auth/core/refreshing.hpp"
#include "base/clock.hpp"
#include "storage/azure/endpoint.hpp"

namespace storage::azure {

// What proves who we are, and its name in errors, e.g. "the AccountKey of AZURE_STORAGE_CONNECTION_STRING".
struct Credential {
  std::unique_ptr<auth::Signer> signer;
  auth::Renewable* renewable = nullptr;  // the signer, where it can sign better after a refusal
  std::function<std::string()>
      description;  // asked when needed: a chain learns who it is with its first token
  std::shared_ptr<auth::azure::Identity> identity;  // where it is an access token
  bool sas = false;
  std::optional<base::System> sas_expiry;
};

// Gives the identity of this event loop, the same each time.
using FindIdentity = std::function<base::Result<std::shared_ptr<auth::azure::Identity>>()>;

// The one place where a credential is chosen: the connection string's key, else its SAS, else the identity
// chain. invalid: a SAS or an access token over plain http to another machine, or a chain that can't be
// understood. That there is no identity shows with the first request.
base::Result<Credential> choose_credential(Settings const& settings, Endpoint const& endpoint,
                                           base::Clock& clock, FindIdentity const& identity);

// Signs what goes through `inner`; a credential that can be renewed is so once where the service finds it
// expired or revoked, or its date too far off. Both outlive the layer.
std::unique_ptr<http::Client> signing(http::Client& inner, Credential const& credential);

}  // namespace storage::azure
