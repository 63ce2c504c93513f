#pragma once

#include <memory>
#include <vector>

#include "auth/azure/token.hpp"

namespace auth::azure {

// Asks one source after the other and keeps to the first that gives a token. One that is not set up is passed
// over; one that is set up and fails ends the search with its error, so that nobody goes on under another
// identity by oversight.
class Chain final : public TokenSource {
 public:
  Chain(std::vector<std::unique_ptr<TokenSource>> sources, base::Log& log);
  // denied: none is set up; the sentence says what each one lacks.
  Task<AccessToken> get() override;
  std::string name() const override { return "the default chain"; }
  // The chosen one's; "the identity" until there is one.
  std::string description() const override;
  std::string passed_over() const override { return passed_over_; }

 private:
  std::vector<std::unique_ptr<TokenSource>> sources_;
  TokenSource* chosen_ = nullptr;
  std::string passed_over_;
  base::Log& log_;
};

// The sources in the order of the vendor's SDK: client secret (environment), workload identity, managed
// identity, az CLI. AZURE_TOKEN_CREDENTIALS narrows them: "prod" is the first three, "dev" the last, a
// credential's name (EnvironmentCredential, WorkloadIdentityCredential, ManagedIdentityCredential,
// AzureCliCredential) that one alone. invalid: it is anything else.
// https://learn.microsoft.com/azure/developer/python/sdk/authentication/credential-chains
Result<std::unique_ptr<TokenSource>> make_chain(Surroundings around);

}  // namespace auth::azure
