#include "auth/azure/chain.hpp"

#include "auth/azure/azure_cli.hpp"
#include "auth/azure/client_secret.hpp"
#include "auth/azure/managed_identity.hpp"
#include "auth/azure/workload_identity.hpp"
#include "base/encoding.hpp"

namespace auth::azure {

Chain::Chain(std::vector<std::unique_ptr<TokenSource>> sources, base::Log& log)
    : sources_(std::move(sources)), log_(log) {}

std::string Chain::description() const { return chosen_ ? chosen_->description() : "the identity"; }

Task<AccessToken> Chain::get() {
  if (chosen_) {
    auto token = co_await chosen_->get();
    if (token || token.error().code != Errc::absent) co_return token;
    auto error = token.error();
    error.code = Errc::denied;
    error.message = chosen_->name() + " gives no token any more: " + error.message;
    co_return error;
  }
  std::string tried;
  for (auto const& source : sources_) {
    auto token = co_await source->get();
    if (token) {
      chosen_ = source.get();
      passed_over_ = tried;
      log_.write(base::Level::info, "Azure storage is reached as " + source->description() +
                                        (tried.empty() ? "" : "; passed over: " + tried));
      co_return token;
    }
    auto error = token.error();
    if (error.code != Errc::absent) {
      if (!tried.empty()) error.message += " (passed over before it: " + tried + ')';
      co_return error;
    }
    if (!tried.empty()) tried += "; ";
    tried += source->name() + " (" + error.message + ')';
  }
  co_return Error(Errc::denied,
                  "there is no credential for Azure storage: set AZURE_STORAGE_CONNECTION_STRING with an "
                  "AccountKey or a SharedAccessSignature, or set up an identity; tried: " +
                      tried);
}

Result<std::unique_ptr<TokenSource>> make_chain(Surroundings around) {
  auto const wanted = around.environment.get("AZURE_TOKEN_CREDENTIALS").value_or("");
  std::string const choice = base::lower(base::trim(wanted));
  bool const all = choice.empty();
  bool const prod = choice == "prod";
  auto const takes = [&](std::string_view name) { return base::iequals(choice, name); };
  std::vector<std::unique_ptr<TokenSource>> sources;
  if (all || prod || takes("EnvironmentCredential"))
    sources.push_back(std::make_unique<ClientSecret>(around));
  if (all || prod || takes("WorkloadIdentityCredential"))
    sources.push_back(std::make_unique<WorkloadIdentity>(around));
  if (all || prod)
    sources.push_back(std::make_unique<ManagedIdentity>(around, ManagedIdentity::Manner::probing));
  if (takes("ManagedIdentityCredential"))
    sources.push_back(std::make_unique<ManagedIdentity>(around, ManagedIdentity::Manner::patient));
  if (all || choice == "dev" || takes("AzureCliCredential"))
    sources.push_back(std::make_unique<AzureCli>(around));
  if (sources.empty())
    return Error(Errc::invalid,
                 "AZURE_TOKEN_CREDENTIALS is \"" + wanted +
                     "\", which is none of dev, prod, EnvironmentCredential, WorkloadIdentityCredential, "
                     "ManagedIdentityCredential and AzureCliCredential");
  return std::unique_ptr<TokenSource>(std::make_unique<Chain>(std::move(sources), around.log));
}

}  // namespace auth::azure
