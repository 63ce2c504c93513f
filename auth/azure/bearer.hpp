#pragma once

#include <memory>

#include "auth/azure/identity.hpp"
#include "auth/core/refreshing.hpp"

namespace auth::azure {

// Puts the identity's access token on every request; adds x-ms-version where it is absent. invalid: the
// request would go over plain http to another machine.
// https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory
class Bearer final : public Renewable {
 public:
  explicit Bearer(std::shared_ptr<Identity> identity) : identity_(std::move(identity)) {}
  Task<> sign(http::Request& request) override;
  bool renew(http::Request const& sent, http::Response const& refusal) override;

 private:
  std::shared_ptr<Identity> identity_;
};

}  // namespace auth::azure
