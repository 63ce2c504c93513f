#include "auth/aws/sts.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace auth::aws {

namespace {

bool is_region(std::string_view text) {
  return text.size() <= 32 && text.find('-') != text.npos && !text.starts_with('-') && !text.ends_with('-') &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

Result<std::string> region_of(base::Environment const& environment, std::string const& fallback) {
  for (auto const* variable : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    auto const value = environment.get(variable);
    if (!value) continue;
    if (is_region(*value)) return *value;
    return Error(Errc::invalid, std::string(variable) + " is \"" + *value +
                                    "\", which is no region: write one such as eu-west-1");
  }
  if (is_region(fallback)) return fallback;
  return Error(Errc::invalid, "STS needs a region: set AWS_REGION (or AWS_DEFAULT_REGION)");
}

}  // namespace

Result<StsEndpoint> sts_endpoint(base::Environment const& environment, std::string const& fallback) {
  StsEndpoint endpoint;
  auto region = region_of(environment, fallback);
  if (!region) return region.error();
  endpoint.region = *region;
  for (auto const* variable : {"AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"}) {
    auto const text = environment.get(variable);
    if (!text) continue;
    auto const url = http::parse_url(*text);
    if (!url) return Error(Errc::invalid, std::string(variable) + ": " + url.error().message);
    if (!url->query.empty())
      return Error(Errc::invalid, std::string(variable) + ": an endpoint must not carry a query (?…)");
    if (!url->origin.secure() && !url->origin.loopback())
      return Error(Errc::invalid, std::string(variable) + " is " + url->origin.to_string() +
                                      ": tokens and keys never go unencrypted to another machine: use "
                                      "https, or set AWS_ENDPOINT_URL_STS to where STS is");
    endpoint.origin = url->origin;
    endpoint.target = url->path.empty() ? "/" : url->path;
    return endpoint;
  }
  endpoint.origin.host =
      "sts." + endpoint.region + ".amazonaws.com" + (endpoint.region.starts_with("cn-") ? ".cn" : "");
  return endpoint;
}

std::string encode_form(std::string_view action,
                        std::vector<std::pair<std::string, std::string>> const& parameters) {
  std::string form = "Action=" + std::string(action) + "&Version=2011-06-15";
  for (auto const& [name, value] : parameters)
    form.append("&").append(name).append("=").append(base::percent_encode(value));
  return form;
}

http::Request sts_request(StsEndpoint const& endpoint, std::string_view action, std::string form) {
  http::Request request("POST", endpoint.origin, endpoint.target, std::move(form));
  request.headers.set("Content-Type", "application/x-www-form-urlencoded");
  request.operation = action;
  request.max_response = std::size_t{1} << 20;
  return request;
}

bool is_session_name(std::string_view text) {
  constexpr std::string_view others = "_+=,.@-";
  return text.size() >= 2 && text.size() <= 64 && std::all_of(text.begin(), text.end(), [&](char c) {
           return alphanumeric(c) || others.find(c) != others.npos;
         });
}

std::string default_session_name(base::Clock& clock) {
  auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(clock.system().time_since_epoch());
  return "edw-" + std::to_string(seconds.count());
}

Result<Credentials> read_sts_reply(http::Response const& response, StsEndpoint const& endpoint,
                                   std::string_view action,
                                   std::function<std::string(Refusal const&)> const& why) {
  auto const where = endpoint.origin.to_string();
  auto const fail = [&response](Errc code, std::string sentence, std::string const& service_code = {}) {
    Error error(code, std::move(sentence));
    error.http_status = response.status;
    error.service_code = service_code;
    if (auto const id = response.headers.find("x-amzn-requestid")) error.request_id = id->substr(0, 100);
    return error;
  };
  if (response.ok()) {
    if (auto credentials = decode_sts(response.body)) return std::move(*credentials);
  } else {
    auto const refusal = decode_refusal(response.body);
    if (response.status == 429 || refusal.code.find("Throttl") != std::string::npos)
      return fail(Errc::throttled, "STS at " + where + " throttles " + std::string(action), refusal.code);
    if (response.status >= 500 || response.status == 408 || refusal.code == "IDPCommunicationError")
      return fail(Errc::transient, "STS at " + where + " could not do " + std::string(action) + " now",
                  refusal.code);
    if (!refusal.code.empty()) return fail(Errc::denied, why(refusal), refusal.code);
  }
  return fail(Errc::transient, "the reply of " + where + " to " + std::string(action) +
                                   " makes no sense: it does not look like STS: check AWS_ENDPOINT_URL_STS, "
                                   "AWS_ENDPOINT_URL and any proxy in between");
}

}  // namespace auth::aws
