#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/azure/token.hpp"
#include "http/retry_policy.hpp"

// The token endpoints' requests and replies, as pure functions.
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
namespace auth::azure {

inline constexpr std::string_view storage_resource = "https://storage.azure.com/";
inline constexpr std::string_view storage_scope = "https://storage.azure.com/.default";

using Form = std::vector<std::pair<std::string_view, std::string_view>>;

// application/x-www-form-urlencoded.
std::string encode_form(Form const& form);

// Whom to ask for a token as which application, by AZURE_AUTHORITY_HOST (login.microsoftonline.com where not
// set), AZURE_TENANT_ID and AZURE_CLIENT_ID.
struct Application {
  http::Origin authority;
  std::string tenant;
  std::string client_id;
};

// denied: one of the variables is missing or can't be right; the sentence begins with `provider`.
Result<Application> read_application(std::string_view provider, base::Environment const& environment);

// POST {authority}/{tenant}/oauth2/v2.0/token with grant_type, client_id, scope and `proof`.
http::Request token_request(Application const& application, Form const& proof);

// The token of a successful reply. Counts `expires_in` from `asked_at`; where `absolute`, prefers
// `expires_on`: the metadata service keeps tokens, and counts their `expires_in` from when they were issued.
// transient: the reply is none; the sentence begins with `provider` and never repeats it.
Result<AccessToken> decode_token(std::string_view provider, http::Response const& response,
                                 base::System asked_at, bool absolute);

// The same for the text alone, e.g. what a program printed.
Result<AccessToken> decode_token_text(std::string_view provider, std::string_view text, base::System asked_at,
                                      bool absolute);

// What a refusal of Entra ID means: provider, AADSTS code and the next thing to do. `secret` never appears.
Error entra_error(std::string_view provider, http::Response const& response, base::Secret const& secret);

// The AADSTS code of a refusal, digits only; empty where it has none.
std::string aadsts_code(http::Response const& response);

// `text` as one line of at most 300 bytes, or nothing where it holds `secret` or what looks like a token.
std::string harmless_line(std::string_view text, base::Secret const& secret);

// When the token endpoint is asked again by itself.
http::RetryPolicy authority_policy();
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
http::RetryPolicy metadata_policy();

}  // namespace auth::azure
