#include "auth/azure/token_wire.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"

namespace auth::azure {

namespace {

using Json = nlohmann::json;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string text_under(Json const& object, char const* name) {
  auto const found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// No token lives for ten years; more, after any moment of ours, might leave what the clock holds.
constexpr std::int64_t longest_life = 10LL * 366 * 86'400;
// The year 2255: the clock ends in 2262.
constexpr std::int64_t latest = 9'000'000'000;

// Seconds, as a number or as text: the two services differ.
std::optional<std::int64_t> seconds_under(Json const& object, char const* name, std::int64_t longest) {
  auto const found = object.find(name);
  if (found == object.end()) return std::nullopt;
  std::optional<std::uint64_t> value;
  if (found->is_number_unsigned()) value = found->get<std::uint64_t>();
  if (found->is_string()) value = base::parse_u64(found->get_ref<std::string const&>());
  if (!value || *value > static_cast<std::uint64_t>(longest)) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7F;
  });
}

Error strange(std::string_view provider, std::string_view detail) {
  return Error(Errc::transient, std::string(provider) + " answered something that is no token (" +
                                    std::string(detail) + "): check the endpoint and any proxy before it");
}

struct Advice {
  std::string_view code;
  std::string_view sentence;
};

constexpr std::string_view federation =
    "check the federated credential: its issuer is the cluster's, its subject "
    "system:serviceaccount:NAMESPACE:NAME of this pod's service account, its audience "
    "api://AzureADTokenExchange (the token's own may be another); one just made takes minutes to be known";
constexpr std::string_view tenant = "check AZURE_TENANT_ID, and AZURE_AUTHORITY_HOST in a sovereign cloud";

constexpr std::array<Advice, 13> advice{{
    {"700213", federation},
    {"70021", federation},
    {"700211", federation},
    {"700212", federation},
    {"700016", "check AZURE_CLIENT_ID, and that AZURE_TENANT_ID is the tenant of that application"},
    {"90002", tenant},
    {"900021", tenant},
    {"900023", tenant},
    {"7000215", "check that AZURE_CLIENT_SECRET is the secret's value and not its id"},
    {"7000222", "the client secret has expired: make a new one and set AZURE_CLIENT_SECRET to it"},
    {"700024",
     "the projected token has expired or this machine's clock is wrong: check that the file of "
     "AZURE_FEDERATED_TOKEN_FILE is being renewed"},
    {"50013", federation},
    {"500011", "storage is not known in this tenant: check AZURE_TENANT_ID"},
}};

std::string_view advice_for(std::string_view code) {
  for (auto const& each : advice)
    if (each.code == code) return each.sentence;
  return "look the code up at https://login.microsoftonline.com/error";
}

std::optional<Error> status_error(http::Response const& response) {
  if (response.status == 429) return Error(Errc::throttled, "it asks to slow down");
  if (response.status == 408 || response.status >= 500)
    return Error(Errc::transient, "it answered HTTP " + std::to_string(response.status));
  return std::nullopt;
}

}  // namespace

std::string encode_form(Form const& form) {
  std::string text;
  for (auto const& [name, value] : form) {
    if (!text.empty()) text += '&';
    text += base::percent_encode(name) + '=' + base::percent_encode(value);
  }
  return text;
}

Result<Application> read_application(std::string_view provider, base::Environment const& environment) {
  auto const wrong = [provider](std::string const& what) {
    return Error(Errc::denied, std::string(provider) + ' ' + what);
  };
  Application application;
  for (auto const& [name, value] : {std::pair("AZURE_TENANT_ID", &application.tenant),
                                    std::pair("AZURE_CLIENT_ID", &application.client_id)}) {
    *value = base::trim(environment.get(name).value_or(""));
    if (value->empty()) return wrong("needs " + std::string(name) + ", which is not set: set it");
    bool const plain = std::all_of(value->begin(), value->end(), [](char c) {
      return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.';
    });
    if (!plain) return wrong("can't use " + std::string(name) + ": it is no id or domain; set it again");
  }
  auto host = environment.get("AZURE_AUTHORITY_HOST").value_or("https://login.microsoftonline.com");
  if (host.find("://") == std::string::npos) host = "https://" + host;
  auto const url = http::parse_url(host);
  if (!url || !url->query.empty() || (!url->path.empty() && url->path != "/"))
    return wrong("can't use AZURE_AUTHORITY_HOST: it must be of the form https://login.microsoftonline.com");
  if (!url->origin.secure() && !url->origin.loopback())
    return wrong("does not send its proof over plain http: AZURE_AUTHORITY_HOST must begin with https://");
  application.authority = url->origin;
  return application;
}

http::Request token_request(Application const& application, Form const& proof) {
  Form form{
      {"grant_type", "client_credentials"}, {"client_id", application.client_id}, {"scope", storage_scope}};
  form.insert(form.end(), proof.begin(), proof.end());
  http::Request request("POST", application.authority, '/' + application.tenant + "/oauth2/v2.0/token",
                        encode_form(form));
  request.headers.set("Content-Type", "application/x-www-form-urlencoded");
  request.headers.set("Accept", "application/json");
  request.operation = "GetToken";
  request.timeouts.total = std::chrono::seconds(15);
  request.max_response = std::size_t{1} << 20;
  return request;
}

Result<AccessToken> decode_token_text(std::string_view provider, std::string_view text, base::System asked_at,
                                      bool absolute) {
  auto const document = Json::parse(text, nullptr, false);
  if (!document.is_object()) return strange(provider, "no JSON object");
  auto value = text_under(document, "access_token");
  if (value.empty()) value = text_under(document, "accessToken");
  if (!is_token(value)) return strange(provider, "no access_token");
  AccessToken token;
  token.token = base::Secret(std::move(value));
  auto const in = seconds_under(document, "expires_in", longest_life);
  auto const on = seconds_under(document, "expires_on", latest);
  if (on && (absolute || !in))
    token.expires_at = base::System(std::chrono::seconds(*on));
  else if (in)
    token.expires_at = asked_at + std::chrono::seconds(*in);
  else
    // Nothing sure is said of its end, so it is asked for again soon. (An az before 2.54 says it in local
    // time, of which one hour a year stands for two.)
    token.expires_at = asked_at + std::chrono::minutes(5);
  return token;
}

Result<AccessToken> decode_token(std::string_view provider, http::Response const& response,
                                 base::System asked_at, bool absolute) {
  if (response.status != 200) return strange(provider, "HTTP " + std::to_string(response.status));
  return decode_token_text(provider, response.body, asked_at, absolute);
}

std::string aadsts_code(http::Response const& response) {
  auto const document = Json::parse(response.body, nullptr, false);
  if (!document.is_object()) return {};
  auto const description = text_under(document, "error_description");
  constexpr std::string_view mark = "AADSTS";
  auto const at = description.find(mark);
  if (at == std::string::npos) return {};
  auto const begin = description.begin() + static_cast<std::ptrdiff_t>(at + mark.size());
  return {begin, std::find_if_not(begin, description.end(), is_digit)};
}

std::string harmless_line(std::string_view text, base::Secret const& secret) {
  if (!secret.empty() && text.find(secret.reveal()) != std::string_view::npos) return {};
  // Every JWT begins so.
  if (text.find("eyJ") != std::string_view::npos) return {};
  std::string line(base::trim(text.substr(0, std::min(text.find_first_of("\r\n"), std::size_t{300}))));
  for (auto& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return base::is_utf8(line) ? line : std::string();
}

Error entra_error(std::string_view provider, http::Response const& response, base::Secret const& secret) {
  auto const code = aadsts_code(response);
  Error error(Errc::denied, std::string(provider));
  error.http_status = response.status;
  if (auto const passing = status_error(response)) {
    error.code = passing->code;
    error.message += " got no token: of the authority, " + passing->message + "; it is asked again later";
  } else if (code.empty()) {
    error.message += " got no token: the authority answered HTTP " + std::to_string(response.status) +
                     " without a reason; check AZURE_AUTHORITY_HOST, AZURE_TENANT_ID and any proxy before it";
  } else {
    error.service_code = "AADSTS" + code;
    auto const document = Json::parse(response.body, nullptr, false);
    auto said = text_under(document, "error_description");
    said.erase(std::min({said.size(), said.find(" Trace ID:"), said.find(" Correlation ID:")}));
    said = harmless_line(said, secret);
    error.message += " was refused a token by Entra ID";
    error.message += said.empty() ? " with AADSTS" + code : ": " + said;
    while (error.message.ends_with('.')) error.message.pop_back();
    error.message += "; " + std::string(advice_for(code));
  }
  return error;
}

http::RetryPolicy authority_policy() {
  http::RetryPolicy policy;
  policy.max_attempts = 3;
  policy.transient_base = std::chrono::milliseconds(400);
  policy.hint_cap = std::chrono::seconds(15);
  policy.classify = status_error;
  return policy;
}

http::RetryPolicy metadata_policy() {
  http::RetryPolicy policy;
  policy.max_attempts = 5;
  policy.transient_base = std::chrono::seconds(1);
  policy.cap = std::chrono::seconds(16);
  policy.hint_cap = std::chrono::seconds(15);
  policy.classify = [](http::Response const& response) -> std::optional<Error> {
    if (response.status == 404 || response.status == 410)
      return Error(Errc::transient, "the metadata service is being updated");
    return status_error(response);
  };
  return policy;
}

}  // namespace auth::azure
