#include "storage/azure/credential.hpp"

#include "auth/azure/sas.hpp"
#include "auth/azure/shared_key.hpp"

namespace storage::azure {

using base::Errc;
using base::Error;

base::Result<Credential> choose_credential(Settings const& settings, Endpoint const& endpoint,
                                           base::Clock& clock) {
  Credential chosen;
  auto const& connection = settings.connection;
  if (connection && !connection->key.empty()) {
    chosen.description = "the AccountKey of AZURE_STORAGE_CONNECTION_STRING";
    chosen.signer = std::make_unique<auth::azure::SharedKey>(connection->account, connection->key,
                                                             endpoint.service, clock);
    return chosen;
  }
  if (connection && !connection->sas.empty()) {
    // Whoever sees the request holds the signature.
    if (!endpoint.origin.secure() && !endpoint.origin.loopback())
      return Error(Errc::invalid, "a SharedAccessSignature must not travel over plain http to " +
                                      endpoint.origin.host + ": use https");
    chosen.description = "the SharedAccessSignature of AZURE_STORAGE_CONNECTION_STRING";
    chosen.signer = std::make_unique<auth::azure::Sas>(connection->sas, chosen.description, clock);
    return chosen;
  }
  // Bearer tokens of workload identity, managed identity and the rest will be one more Signer here.
  return Error(Errc::denied,
               "there is no credential for the storage account " +
                   (endpoint.account.empty() ? endpoint.origin.host : '"' + endpoint.account + '"') +
                   ": set AZURE_STORAGE_CONNECTION_STRING with an AccountKey or a SharedAccessSignature");
}

}  // namespace storage::azure
