#pragma once

#include "auth/azure/token_wire.hpp"

namespace auth::azure {

// The login of a person at a terminal: runs `az account get-access-token`, for 30 s at most.
// https://learn.microsoft.com/cli/azure/account#az-account-get-access-token
class AzureCli final : public TokenSource {
 public:
  explicit AzureCli(Surroundings around) : around_(around) {}
  Task<AccessToken> get() override;
  std::string name() const override { return "Azure CLI"; }
  std::string description() const override { return "the login of the Azure CLI"; }

 private:
  Surroundings around_;
};

}  // namespace auth::azure
