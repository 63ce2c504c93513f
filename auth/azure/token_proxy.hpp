#pragma once

#include <optional>
#include <string>

#include "auth/azure/token.hpp"

namespace auth::azure {

// AKS identity bindings: tokens are asked for at a proxy of the cluster, which has a certificate of its own
// authority under a name of its own. https://learn.microsoft.com/azure/aks/identity-bindings-concepts
class TokenProxy {
 public:
  // By AZURE_KUBERNETES_TOKEN_PROXY; nothing where that is not set. denied: one of the variables can't be
  // right, or others of AZURE_KUBERNETES_* are set without it; the sentence names which.
  static Result<std::optional<TokenProxy>> read(base::Environment const& environment);

  // Sends a request for the authority to the proxy instead, its path below the proxy's own. The file of
  // AZURE_KUBERNETES_CA_FILE is read each time, since the cluster replaces it; while it is empty, what
  // `authorities` keeps of the last time serves. denied: it can't be read; transient: it is empty.
  Result<> redirect(http::Request& request, std::string& authorities) const;

 private:
  http::Origin origin_;
  std::string path_;
  std::string name_;
  std::string ca_file_;
  std::string ca_data_;
};

}  // namespace auth::azure
