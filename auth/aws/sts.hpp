#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/aws/context.hpp"
#include "auth/aws/credentials.hpp"
#include "auth/aws/replies.hpp"

// The Security Token Service, which gives credentials of a role against a proof:
// docs.aws.amazon.com/STS/latest/APIReference/welcome.html
namespace auth::aws {

struct StsEndpoint {
  http::Origin origin;
  std::string target = "/";
  std::string region;
};

// AWS_ENDPOINT_URL_STS, else AWS_ENDPOINT_URL, else sts.REGION.amazonaws.com. The region is AWS_REGION, else
// AWS_DEFAULT_REGION, else `fallback`.
// invalid: no region or a bad one, a malformed override, or plain http to another machine, which would show
// it the token and the keys.
Result<StsEndpoint> sts_endpoint(base::Environment const& environment, std::string const& fallback);

// Pairs of a name and a value as a form (application/x-www-form-urlencoded), after Action and Version.
std::string encode_form(std::string_view action,
                        std::vector<std::pair<std::string, std::string>> const& parameters);

// A request for the form, not yet signed. `action` must outlive it.
http::Request sts_request(StsEndpoint const& endpoint, std::string_view action, std::string form);

// 2 to 64 of A-Za-z0-9_+=,.@-.
bool is_session_name(std::string_view text);
// "edw-1795312923", which tells runs apart in CloudTrail.
std::string default_session_name(base::Clock& clock);

// The credentials in STS's reply. denied: it refused; `why` makes the sentence of what it said. transient:
// the service failed, throttles, or its reply makes no sense.
Result<Credentials> read_sts_reply(http::Response const& response, StsEndpoint const& endpoint,
                                   std::string_view action,
                                   std::function<std::string(Refusal const&)> const& why);

}  // namespace auth::aws
