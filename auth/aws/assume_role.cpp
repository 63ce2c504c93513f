#include "auth/aws/assume_role.hpp"

#include "base/time.hpp"

namespace auth::aws {

namespace {

constexpr std::string_view action = "AssumeRole";

bool date_refused(Refusal const& refusal) {
  return refusal.code == "RequestExpired" || refusal.message.find("Signature expired") != std::string::npos ||
         refusal.message.find("Signature not yet current") != std::string::npos;
}

}  // namespace

AssumeRole::AssumeRole(Context const& context, Settings settings, std::unique_ptr<Source> base,
                       StsEndpoint endpoint)
    : context_(context),
      settings_(std::move(settings)),
      base_(std::move(base)),
      endpoint_(std::move(endpoint)),
      signer_(*base_, endpoint_.region, "sts", context.clock),
      signing_(context.client, signer_, [](http::Response const& response) {
        return !response.ok() && decode_refusal(response.body).code.starts_with("ExpiredToken");
      }) {}

std::string AssumeRole::name() const { return "the role " + settings_.role_arn; }

std::string AssumeRole::why(Refusal const& refusal) const {
  auto const who = base_->name();
  if (refusal.code == "AccessDenied")
    return "assume role: " + who + " may not take the role " + settings_.role_arn +
           ": allow it sts:AssumeRole in its own policy and in the role's trust policy";
  if (refusal.code == "SignatureDoesNotMatch")
    return "assume role: STS refused " + who + ": the signature does not match: check the secret key";
  if (refusal.code == "InvalidClientTokenId" || refusal.code == "UnrecognizedClientException")
    return "assume role: STS at " + endpoint_.origin.to_string() + " does not know " + who +
           ": check that they are current";
  if (refusal.code.starts_with("ExpiredToken")) return "assume role: " + who + " have expired: get new ones";
  return "assume role: STS at " + endpoint_.origin.to_string() + " refused to give the role " +
         settings_.role_arn + " to " + who + ": check role_arn, external_id and duration_seconds";
}

Task<http::Response> AssumeRole::ask() {
  std::vector<std::pair<std::string, std::string>> parameters;
  parameters.emplace_back("RoleArn", settings_.role_arn);
  parameters.emplace_back("RoleSessionName", settings_.session_name.empty()
                                                 ? default_session_name(context_.clock)
                                                 : settings_.session_name);
  if (!settings_.external_id.empty()) parameters.emplace_back("ExternalId", settings_.external_id);
  if (!settings_.duration.empty()) parameters.emplace_back("DurationSeconds", settings_.duration);
  auto request = sts_request(endpoint_, action, encode_form(action, parameters));
  co_return co_await signing_.send(request);
}

Task<Credentials> AssumeRole::get() {
  auto response = co_await ask();
  if (!response) co_return response.error();
  if (!response->ok() && date_refused(decode_refusal(response->body))) {
    auto const date = response->headers.find("Date");
    if (auto const now = date ? base::parse_http_date(*date) : std::nullopt) {
      signer_.set_clock(*now);
      response = co_await ask();
      if (!response) co_return response.error();
    }
  }
  co_return read_sts_reply(*response, endpoint_, action,
                           [this](Refusal const& refusal) { return why(refusal); });
}

}  // namespace auth::aws
