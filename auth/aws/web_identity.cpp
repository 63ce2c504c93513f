#include "auth/aws/web_identity.hpp"

#include <algorithm>

#include "auth/aws/replies.hpp"
#include "auth/aws/token_file.hpp"

namespace auth::aws {

namespace {

constexpr std::string_view action = "AssumeRoleWithWebIdentity";

// What STS says as well while a role, its trust policy or the identity provider was just made: IAM takes some
// seconds to tell it everywhere.
bool may_spread(std::string_view code) {
  return code == "AccessDenied" || code == "InvalidIdentityToken" || code == "IDPCommunicationError";
}

}  // namespace

bool WebIdentity::configured(base::Environment const& environment) {
  return environment.has("AWS_ROLE_ARN") || environment.has("AWS_WEB_IDENTITY_TOKEN_FILE");
}

Result<WebIdentity::Settings> WebIdentity::settings(base::Environment const& environment) {
  auto const role = environment.get("AWS_ROLE_ARN");
  auto const file = environment.get("AWS_WEB_IDENTITY_TOKEN_FILE");
  if (!role)
    return Error(
        Errc::denied,
        "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is set but AWS_ROLE_ARN is not: set it to the role "
        "(on EKS: annotate the service account with eks.amazonaws.com/role-arn and restart the pod)");
  if (!file)
    return Error(
        Errc::denied,
        "web identity: AWS_ROLE_ARN is set but AWS_WEB_IDENTITY_TOKEN_FILE is not: set it to the file "
        "of the projected token, or unset AWS_ROLE_ARN");
  Settings settings;
  settings.role_arn = *role;
  settings.token_file = *file;
  settings.session_name = environment.get("AWS_ROLE_SESSION_NAME").value_or(std::string());
  settings.named_by = "AWS_WEB_IDENTITY_TOKEN_FILE";
  if (!settings.session_name.empty() && !is_session_name(settings.session_name))
    return Error(Errc::invalid,
                 "web identity: AWS_ROLE_SESSION_NAME must have 2 to 64 letters, digits or _+=,.@-");
  return settings;
}

WebIdentity::WebIdentity(Context const& context, Settings settings, StsEndpoint endpoint)
    : context_(context), settings_(std::move(settings)), endpoint_(std::move(endpoint)) {}

std::string WebIdentity::name() const { return "the web identity " + settings_.role_arn; }

std::string WebIdentity::why(Refusal const& refusal) const {
  auto const token = "the token in " + settings_.token_file;
  if (refusal.code.starts_with("ExpiredToken"))
    return "web identity: " + token +
           " has expired: whoever projects it (on Kubernetes the kubelet) must renew it";
  if (refusal.code == "InvalidIdentityToken")
    return "web identity: STS does not believe " + token +
           ": its issuer must be an IAM identity provider of the role's account, with the token's audience "
           "(on "
           "EKS sts.amazonaws.com) as a client id";
  if (refusal.code == "IDPRejectedClaim")
    return "web identity: " + token +
           " was rejected by its issuer: it was revoked or is for another audience";
  if (refusal.code == "AccessDenied")
    return "web identity: the role " + settings_.role_arn + " does not let " + token +
           " in: its trust policy must allow sts:AssumeRoleWithWebIdentity for the token's issuer, subject "
           "(system:serviceaccount:NAMESPACE:NAME) and audience";
  if (refusal.code.starts_with("RegionDisabled"))
    return "web identity: STS is switched off for this account in " + endpoint_.region +
           ": activate it there, or set AWS_REGION";
  // The service's own words could repeat the token.
  return "web identity: STS at " + endpoint_.origin.to_string() + " refused to give the role " +
         settings_.role_arn + " for " + token + ": check AWS_ROLE_ARN";
}

Task<http::Response> WebIdentity::ask() {
  auto const token = read_token(settings_.token_file, "web identity: " + settings_.named_by);
  if (!token) co_return token.error();
  auto const session =
      settings_.session_name.empty() ? default_session_name(context_.clock) : settings_.session_name;
  auto form = encode_form(
      action,
      {{"RoleArn", settings_.role_arn}, {"RoleSessionName", session}, {"WebIdentityToken", token->reveal()}});
  auto request = sts_request(endpoint_, action, std::move(form));
  auto response = co_await context_.client.send(request);
  if (response) co_return response;
  Error error = response.error();
  if (error.code == Errc::too_large)
    error = Error(Errc::transient, "the answer of " + endpoint_.origin.to_string() +
                                       " is far too large for credentials: check AWS_ENDPOINT_URL_STS, "
                                       "AWS_ENDPOINT_URL and any proxy in between");
  error.message = "web identity: STS could not be asked: " + error.message;
  co_return error;
}

Task<Credentials> WebIdentity::get() {
  auto const give_up = context_.clock.steady() + window;
  for (int attempt = 0;; ++attempt) {
    auto const response = co_await ask();
    if (!response) co_return response.error();
    auto credentials =
        read_sts_reply(*response, endpoint_, action, [this](Refusal const& refusal) { return why(refusal); });
    if (credentials) co_return credentials;
    Error error = credentials.error();
    if (!error.message.starts_with("web identity")) error.message = "web identity: " + error.message;
    auto const bound = std::chrono::seconds(1 << std::min(attempt, 4));
    auto const delay =
        std::chrono::duration_cast<std::chrono::milliseconds>(bound * (0.5 + 0.5 * context_.random.unit()));
    if (!may_spread(error.service_code) || context_.clock.steady() + delay > give_up) co_return error;
    if (attempt == 0)
      context_.log.write(
          base::Level::warning,
          "the role or its identity provider is not known yet, or is wrong: trying again for up to " +
              std::to_string(window.count()) + " s: " + describe(error));
    auto waiting = context_.clock.sleep(delay);
    co_await std::move(waiting);
  }
}

}  // namespace auth::aws
