// What Entra ID, the metadata service and the az program answer.
#include "auth/azure/token_wire.hpp"
#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"

using namespace auth::azure;

void fuzz::entra_token(std::string_view input) {
  base::System const asked = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);
  http::Response response;
  response.body = input;
  for (bool const absolute : {false, true}) {
    response.status = 200;
    auto const token = decode_token("workload identity", response, asked, absolute);
    if (!token) {
      must_be_told(token.error());
      continue;
    }
    must(is_sentence(token->token.reveal()), "a token fits into a header");
    must(token->expires_at.has_value(), "a token has an end");
    if (!absolute) must(*token->expires_at >= base::System(), "a token ends after the epoch");
  }
  base::Secret const secret("s3cret-of-a-client");
  for (int const status : {400, 401, 429, 500}) {
    response.status = status;
    auto const error = entra_error("client secret", response, secret);
    must_be_told(error);
    must(error.message.find(secret.reveal()) == std::string::npos, "an error holds no secret");
    must(error.message.find("eyJ") == std::string::npos, "an error holds no token");
  }
  for (char const c : aadsts_code(response)) must(c >= '0' && c <= '9', "an AADSTS code is digits");
}
