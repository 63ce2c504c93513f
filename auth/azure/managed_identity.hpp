#pragma once

#include "auth/azure/token_wire.hpp"

namespace auth::azure {

// The identity of the virtual machine or node, from the metadata service at 169.254.169.254, or at
// AZURE_POD_IDENTITY_AUTHORITY_HOST; the user-assigned one of AZURE_CLIENT_ID where that is set.
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
class ManagedIdentity final : public TokenSource {
 public:
  // Whether its absence is likely: the first question waits 1 s for a connection and is asked once.
  enum class Manner { patient, probing };

  ManagedIdentity(Surroundings around, Manner manner) : around_(around), manner_(manner) {}
  Task<AccessToken> get() override;
  std::string name() const override { return "managed identity"; }
  std::string description() const override;

 private:
  Result<http::Request> request() const;
  Surroundings around_;
  Manner manner_;
};

}  // namespace auth::azure
