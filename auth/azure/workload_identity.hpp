#pragma once

#include "auth/azure/token_proxy.hpp"
#include "auth/azure/token_wire.hpp"

namespace auth::azure {

// Exchanges the pod's projected service account token for an access token. The file is read at each exchange,
// since Kubernetes renews it. A refusal that passes once a new federated credential is known everywhere
// (AADSTS700213, AADSTS70021) is tried again for up to `window`. Goes through the cluster's token proxy where
// one is set.
// https://learn.microsoft.com/entra/workload-id/workload-identity-federation
class WorkloadIdentity final : public TokenSource {
 public:
  static constexpr std::chrono::seconds window{60};

  explicit WorkloadIdentity(Surroundings around) : around_(around) {}
  Task<AccessToken> get() override;
  std::string name() const override { return "workload identity"; }
  std::string description() const override;

 private:
  Surroundings around_;
  std::string authorities_;  // of the token proxy, as last read
};

// The projected token in `path`, without white space around it. denied: it can't be read, is empty or is no
// token; the sentence names AZURE_FEDERATED_TOKEN_FILE.
Result<base::Secret> read_federated_token(std::string const& path);

}  // namespace auth::azure
