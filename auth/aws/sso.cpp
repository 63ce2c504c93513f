#include "auth/aws/sso.hpp"

#include <fstream>

#include "auth/aws/sso_login.hpp"
#include "base/encoding.hpp"

namespace auth::aws {

namespace {

std::optional<SsoLogin> read_login(std::string const& path) {
  constexpr std::size_t limit = 65'536;
  std::ifstream file(path, std::ios::binary);
  std::string text(limit, '\0');
  if (!file) return std::nullopt;
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  base::Secret const content(std::move(text));
  return parse_sso_login(content.reveal());
}

}  // namespace

Result<http::Url> Sso::endpoint(base::Environment const& environment, std::string const& region) {
  for (auto const* variable : {"AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL"}) {
    auto const text = environment.get(variable);
    if (!text) continue;
    auto url = http::parse_url(*text);
    if (!url) return Error(Errc::invalid, std::string(variable) + ": " + url.error().message);
    if (!url->origin.secure() && !url->origin.loopback())
      return Error(Errc::invalid, std::string(variable) + " is " + url->origin.to_string() +
                                      ": a login never goes unencrypted to another machine: use https");
    while (url->path.ends_with('/')) url->path.pop_back();
    return url;
  }
  http::Url url;
  url.origin.host = "portal.sso." + region + ".amazonaws.com" + (region.starts_with("cn-") ? ".cn" : "");
  return url;
}

Sso::Sso(Context const& context, Settings settings, http::Url endpoint)
    : context_(context), settings_(std::move(settings)), endpoint_(std::move(endpoint)) {}

std::string Sso::name() const {
  return "the login of the profile \"" + settings_.profile + "\" (role " + settings_.role + " of " +
         settings_.account + ')';
}

Error Sso::log_in(std::string const& why) const {
  return Error(Errc::denied, "shared profile: " + name() + ' ' + why + ": run \"aws sso login --profile " +
                                 settings_.profile + '"');
}

Task<Credentials> Sso::get() {
  auto const home = context_.environment.get("HOME").value_or("");
  auto const login =
      read_login(sso_cache_file(home, settings_.session.empty() ? settings_.start_url : settings_.session));
  if (!login) co_return log_in("is not there");
  if (login->expires_at <= context_.clock.system()) co_return log_in("has expired");
  http::Request request("GET", endpoint_.origin,
                        endpoint_.path +
                            "/federation/credentials?role_name=" + base::percent_encode(settings_.role) +
                            "&account_id=" + base::percent_encode(settings_.account));
  request.headers.set("x-amz-sso_bearer_token", login->access_token.reveal());
  request.headers.set("Accept", "application/json");
  request.operation = "GetRoleCredentials";
  request.max_response = std::size_t{1} << 20;
  auto const where = endpoint_.origin.to_string();
  auto const response = co_await context_.client.send(request);
  if (!response) {
    Error error = response.error();
    error.message = "shared profile: " + name() + ": the access portal could not be asked: " + error.message;
    co_return error;
  }
  if (response->ok())
    if (auto credentials = decode_role_credentials(response->body)) co_return std::move(*credentials);
  Error error(Errc::transient, "shared profile: the reply of " + where +
                                   " makes no sense: it holds no credentials: check sso_region, "
                                   "AWS_ENDPOINT_URL_SSO, AWS_ENDPOINT_URL and any proxy in between");
  if (response->status == 401)
    error = log_in("is not accepted any more");
  else if (response->status == 403 || response->status == 404)
    error = Error(Errc::denied, "shared profile: " + name() +
                                    " does not give this role: check sso_account_id and sso_role_name, and "
                                    "who may use them");
  else if (response->status == 429)
    error = Error(Errc::throttled, "shared profile: " + where + " throttles");
  else if (response->status >= 500)
    error = Error(Errc::transient, "shared profile: " + where + " could not give credentials now");
  error.http_status = response->status;
  error.service_code = decode_refusal(response->body).code;
  co_return error;
}

}  // namespace auth::aws
