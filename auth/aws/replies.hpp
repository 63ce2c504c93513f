#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/aws/credentials.hpp"
#include "http/retry_policy.hpp"

// What services and programs that hand out credentials answer. Pure functions; bad input gives nothing.
namespace auth::aws {

// An object with AccessKeyId, SecretAccessKey, the session token under `token_key`, and Expiration (ISO 8601;
// nothing for keys that last): the container endpoint, IMDS ("Token") and credential_process ("SessionToken",
// which may be missing).
std::optional<Credentials> decode_json(std::string_view text, std::string_view token_key);

// The <Credentials> of STS's reply to AssumeRole and AssumeRoleWithWebIdentity:
// docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
std::optional<Credentials> decode_sts(std::string_view xml);

// The roleCredentials of GetRoleCredentials, whose expiration is in milliseconds since 1970.
std::optional<Credentials> decode_role_credentials(std::string_view text);

// Why one of them refused: <Error><Code> and <Message> of XML, or `code` and `message` of JSON, cut to one
// line of 300 bytes; both empty where the reply says neither. The words may repeat what was sent.
struct Refusal {
  std::string code;
  std::string message;
};
Refusal decode_refusal(std::string_view body);

// Tries again what may pass: no reply, 408, 429, 5xx, and STS that could not reach the issuer's keys.
http::RetryPolicy policy();

}  // namespace auth::aws
