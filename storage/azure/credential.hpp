#pragma once

#include <memory>
#include <string>

#include "auth/core/signer.hpp"
#include "base/clock.hpp"
#include "storage/azure/endpoint.hpp"

namespace storage::azure {

// What proves who we are, and its name in errors, e.g. "the AccountKey of AZURE_STORAGE_CONNECTION_STRING".
struct Credential {
  std::unique_ptr<auth::Signer> signer;
  std::string description;
};

// The one place where a credential is chosen: the connection string's key, else its SAS, else the identity
// chain. denied: there is none; the sentence says which variable to set. invalid: a SAS over plain http to
// another machine.
base::Result<Credential> choose_credential(Settings const& settings, Endpoint const& endpoint,
                                           base::Clock& clock);

}  // namespace storage::azure
