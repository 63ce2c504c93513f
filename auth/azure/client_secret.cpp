#include "auth/azure/client_secret.hpp"

namespace auth::azure {

std::string ClientSecret::description() const {
  return "the application " + around_.environment.get("AZURE_CLIENT_ID").value_or("");
}

Task<AccessToken> ClientSecret::get() {
  auto text = around_.environment.get("AZURE_CLIENT_SECRET");
  if (!text && around_.environment.has("AZURE_CLIENT_CERTIFICATE_PATH"))
    co_return Error(Errc::absent, "AZURE_CLIENT_SECRET is not set, and certificates are not supported");
  if (!text) co_return Error(Errc::absent, "AZURE_CLIENT_SECRET is not set");
  base::Secret const secret(std::move(*text));
  auto const application = read_application("client secret", around_.environment);
  if (!application) co_return application.error();
  Form const proof{{"client_secret", secret.reveal()}};
  auto request = token_request(*application, proof);
  auto const asked_at = around_.clock.system();
  auto const response = co_await around_.authority.send(request);
  if (!response) {
    auto error = response.error();
    error.message = "client secret got no token: " + error.message;
    co_return error;
  }
  if (response->status != 200) co_return entra_error("client secret", *response, secret);
  co_return decode_token("client secret", *response, asked_at, false);
}

}  // namespace auth::azure
