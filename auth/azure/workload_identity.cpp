#include "auth/azure/workload_identity.hpp"

#include <algorithm>
#include <fstream>

#include "base/encoding.hpp"

namespace auth::azure {

Result<base::Secret> read_federated_token(std::string const& path) {
  auto const wrong = [&path](std::string const& what) {
    return Error(Errc::denied, "workload identity can't use the file of AZURE_FEDERATED_TOKEN_FILE, \"" +
                                   path + "\": " + what);
  };
  std::ifstream file(path, std::ios::binary);
  std::string text(std::size_t{64} << 10, '\0');
  if (!file || !(file.read(text.data(), static_cast<std::streamsize>(text.size())) || file.eof()))
    return wrong(
        "it can't be read; check that the pod has the label azure.workload.identity/use: \"true\" and a "
        "service account with the client id's annotation");
  text.resize(static_cast<std::size_t>(file.gcount()));
  auto const token = base::trim(text);
  if (token.empty()) return wrong("it is empty; Kubernetes fills it soon after the pod's start");
  bool const whole = std::all_of(token.begin(), token.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7F;
  });
  if (!whole) return wrong("it holds something else than one token");
  return base::Secret(std::string(token));
}

std::string WorkloadIdentity::description() const {
  return "the workload identity " + around_.environment.get("AZURE_CLIENT_ID").value_or("");
}

Task<AccessToken> WorkloadIdentity::get() {
  auto const path = around_.environment.get("AZURE_FEDERATED_TOKEN_FILE");
  if (!path) co_return Error(Errc::absent, "AZURE_FEDERATED_TOKEN_FILE is not set");
  auto const proxy = TokenProxy::read(around_.environment);
  if (!proxy) co_return proxy.error();
  auto const application = read_application("workload identity", around_.environment);
  if (!application) co_return application.error();

  auto const give_up = around_.clock.steady() + window;
  for (int attempt = 0;; ++attempt) {
    auto const assertion = read_federated_token(*path);
    if (!assertion) co_return assertion.error();
    Form const proof{{"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
                     {"client_assertion", assertion->reveal()}};
    auto request = token_request(*application, proof);
    if (*proxy)
      if (auto const redirected = (*proxy)->redirect(request, authorities_); !redirected)
        co_return redirected.error();
    auto const asked_at = around_.clock.system();
    auto const response = co_await around_.authority.send(request);
    if (!response) {
      auto error = response.error();
      if (error.code == Errc::too_large)
        error = Error(Errc::transient, "the answer of " + application->authority.to_string() +
                                           " is far too large for a token: check AZURE_AUTHORITY_HOST and "
                                           "any proxy before it");
      error.message = std::string("workload identity got no token") +
                      (*proxy ? " through AZURE_KUBERNETES_TOKEN_PROXY: " : ": ") + error.message;
      if (*proxy && error.code == Errc::invalid)
        error.message += " (AZURE_KUBERNETES_SNI_NAME, AZURE_KUBERNETES_CA_FILE)";
      co_return error;
    }
    if (response->status == 200) co_return decode_token("workload identity", *response, asked_at, false);

    auto const error = entra_error("workload identity", *response, *assertion);
    bool const spreading = error.service_code == "AADSTS700213" || error.service_code == "AADSTS70021";
    auto const bound = std::chrono::seconds(1 << std::min(attempt, 4));
    auto const delay =
        std::chrono::duration_cast<std::chrono::milliseconds>(bound * (0.5 + 0.5 * around_.random.unit()));
    if (!spreading || around_.clock.steady() + delay > give_up) co_return error;
    if (attempt == 0)
      around_.log.write(base::Level::warning,
                        "the federated credential is not known yet, or is another: trying again for up to " +
                            std::to_string(window.count()) + " s: " + describe(error));
    auto waiting = around_.clock.sleep(delay);
    co_await std::move(waiting);
  }
}

}  // namespace auth::azure
