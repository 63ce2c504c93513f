#include "auth/aws/sso_login.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/digest.hpp"
#include "base/time.hpp"

namespace auth::aws {

std::string sso_cache_file(std::string_view home, std::string_view session_or_start_url) {
  return std::string(home) + "/.aws/sso/cache/" + base::sha1_hex(session_or_start_url) + ".json";
}

std::optional<SsoLogin> parse_sso_login(std::string_view text) {
  auto const json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  auto const token = json.find("accessToken");
  auto const end = json.find("expiresAt");
  if (token == json.end() || !token->is_string() || end == json.end() || !end->is_string())
    return std::nullopt;
  auto when = end->get<std::string>();
  constexpr std::string_view utc = "UTC";  // as older versions of the AWS CLI wrote it
  if (when.ends_with(utc)) when.replace(when.size() - utc.size(), utc.size(), "Z");
  auto const expires_at = base::parse_iso8601(when);
  SsoLogin login;
  login.access_token = base::Secret(token->get<std::string>());
  auto const& content = login.access_token.reveal();
  bool const whole = !content.empty() &&
                     std::all_of(content.begin(), content.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (!whole || !expires_at) return std::nullopt;
  login.expires_at = *expires_at;
  return login;
}

}  // namespace auth::aws
