#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/secret.hpp"

// What `aws sso login` leaves behind: docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html
namespace auth::aws {

struct SsoLogin {
  base::Secret access_token;
  base::System expires_at{};
};

// HOME/.aws/sso/cache/SHA1.json, by the name of the sso-session, or by the start URL for a profile without
// one.
std::string sso_cache_file(std::string_view home, std::string_view session_or_start_url);

// Nothing where the text is no such login.
std::optional<SsoLogin> parse_sso_login(std::string_view text);

}  // namespace auth::aws
