#include "storage/azure/credential.hpp"

#include "auth/azure/bearer.hpp"
#include "auth/azure/sas.hpp"
#include "auth/azure/shared_key.hpp"
#include "auth/core/signing.hpp"
#include "storage/azure/errors.hpp"

namespace storage::azure {

using base::Errc;
using base::Error;

base::Result<Credential> choose_credential(Settings const& settings, Endpoint const& endpoint,
                                           base::Clock& clock, FindIdentity const& identity) {
  Credential chosen;
  auto const& connection = settings.connection;
  if (connection && !connection->key.empty()) {
    chosen.description = [] { return "the AccountKey of AZURE_STORAGE_CONNECTION_STRING"; };
    auto key = std::make_unique<auth::azure::SharedKey>(connection->account, connection->key,
                                                        endpoint.service, clock);
    chosen.renewable = key.get();
    chosen.signer = std::move(key);
    return chosen;
  }
  if (connection && !connection->sas.empty()) {
    // Whoever sees the request holds the signature.
    if (!endpoint.origin.secure() && !endpoint.origin.loopback())
      return Error(Errc::invalid, "a SharedAccessSignature must not travel over plain http to " +
                                      endpoint.origin.host + ": use https");
    chosen.description = [] { return "the SharedAccessSignature of AZURE_STORAGE_CONNECTION_STRING"; };
    chosen.sas = true;
    chosen.sas_expiry = auth::azure::sas_expiry(connection->sas.reveal());
    chosen.signer = std::make_unique<auth::azure::Sas>(connection->sas, chosen.description(), clock);
    return chosen;
  }
  if (!endpoint.origin.secure() && !endpoint.origin.loopback())
    return Error(Errc::invalid,
                 "without an AccountKey an access token would have to travel over plain http to " +
                     endpoint.origin.host + ": use https");
  auto const found = identity();
  if (!found) return found.error();
  auto bearer = std::make_unique<auth::azure::Bearer>(*found);
  chosen.renewable = bearer.get();
  chosen.signer = std::move(bearer);
  chosen.identity = *found;
  chosen.description = [kept = *found] { return kept->description(); };
  return chosen;
}

namespace {

// A token that expired or was revoked, or a date that is too far off. A missing role
// (AuthorizationPermissionMismatch) is as missing for the next token.
bool may_be_mended(http::Response const& response) {
  return response.status == 401 ||
         (response.status == 403 && service_code(response) == "AuthenticationFailed");
}

}  // namespace

std::unique_ptr<http::Client> signing(http::Client& inner, Credential const& credential) {
  if (credential.renewable)
    return std::make_unique<auth::Refreshing>(inner, *credential.renewable, may_be_mended);
  return std::make_unique<auth::Signing>(inner, *credential.signer);
}

}  // namespace storage::azure
