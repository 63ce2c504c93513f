#include "auth/azure/managed_identity.hpp"

#include <nlohmann/json.hpp>

#include "base/encoding.hpp"

namespace auth::azure {

namespace {

constexpr std::string_view host_variable = "AZURE_POD_IDENTITY_AUTHORITY_HOST";

std::string reason_of(http::Response const& response) {
  auto const document = nlohmann::json::parse(response.body, nullptr, false);
  if (!document.is_object()) return {};
  auto const found = document.find("error_description");
  if (found == document.end() || !found->is_string()) return {};
  return harmless_line(found->get_ref<std::string const&>(), {});
}

}  // namespace

std::string ManagedIdentity::description() const {
  auto const id = around_.environment.get("AZURE_CLIENT_ID");
  return id ? "the managed identity " + *id : "this machine's managed identity";
}

Result<http::Request> ManagedIdentity::request() const {
  auto const host = around_.environment.get(host_variable).value_or("http://169.254.169.254");
  auto const url = http::parse_url(host);
  if (!url || !url->query.empty())
    return Error(Errc::denied, "managed identity can't use " + std::string(host_variable) +
                                   ": it must be of the form http://HOST[:PORT]");
  auto path = url->path;
  while (path.ends_with('/')) path.pop_back();
  auto target = path + "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=" +
                base::percent_encode(storage_resource);
  if (auto const id = around_.environment.get("AZURE_CLIENT_ID"))
    target += "&client_id=" + base::percent_encode(*id);
  http::Request request("GET", url->origin, std::move(target));
  request.headers.set("Metadata", "true");
  request.operation = "GetIdentityToken";
  request.max_response = std::size_t{1} << 20;
  return request;
}

Task<AccessToken> ManagedIdentity::get() {
  auto asked = request();
  if (!asked) co_return asked.error();
  auto const where = asked->origin.to_string();
  bool const named = around_.environment.has(host_variable);
  auto const asked_at = around_.clock.system();
  Result<http::Response> response = Error();
  if (manner_ == Manner::probing) {
    http::Request probe = *asked;
    probe.timeouts.connect = std::chrono::seconds(1);
    probe.timeouts.total = std::chrono::seconds(10);
    response = co_await around_.once.send(probe);
    if (!response && !named)
      co_return Error(Errc::absent, "no metadata service answers at " + where + " within 1 s");
    // It is there, and busy.
    bool const busy = response && metadata_policy().classify(*response) && response->status != 404;
    if (busy || (!response && named)) response = co_await around_.metadata.send(*asked);
  } else {
    response = co_await around_.metadata.send(*asked);
  }
  if (!response) {
    auto error = response.error();
    error.message = "managed identity got no token from " + where + ": " + error.message;
    co_return error;
  }
  if (response->status == 200) {
    auto token = decode_token("managed identity", *response, asked_at, true);
    if (token) manner_ = Manner::patient;
    co_return token;
  }
  auto const status = "HTTP " + std::to_string(response->status);
  auto const said = reason_of(*response);
  auto const because = status + (said.empty() ? "" : ", " + said);
  if (auto const passing = metadata_policy().classify(*response); passing && response->status != 404) {
    Error error(passing->code, "managed identity got no token from " + where + " (" + because +
                                   "): the metadata service is busy; it is asked again later");
    error.http_status = response->status;
    co_return error;
  }
  auto const advice = around_.environment.has("AZURE_CLIENT_ID")
                          ? "; assign the identity of AZURE_CLIENT_ID to this machine, or unset the variable"
                          : "; assign an identity to this machine, or set AZURE_CLIENT_ID to one of several";
  bool const goes_on = manner_ == Manner::probing && !named;
  Error error(goes_on ? Errc::absent : Errc::denied,
              (goes_on ? "the" : "managed identity got no token: the") +
                  std::string(" metadata service at ") + where + " has none to give (" + because + ')' +
                  advice);
  error.http_status = response->status;
  co_return error;
}

}  // namespace auth::azure
