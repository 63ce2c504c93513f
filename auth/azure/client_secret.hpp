#pragma once

#include "auth/azure/token_wire.hpp"

namespace auth::azure {

// An application's own secret, from AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.
class ClientSecret final : public TokenSource {
 public:
  explicit ClientSecret(Surroundings around) : around_(around) {}
  Task<AccessToken> get() override;
  std::string name() const override { return "client secret"; }
  std::string description() const override;

 private:
  Surroundings around_;
};

}  // namespace auth::azure
