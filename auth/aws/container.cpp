#include "auth/aws/container.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>

#include "auth/aws/replies.hpp"
#include "auth/aws/token_file.hpp"

namespace auth::aws {

namespace {

constexpr auto relative_uri = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
constexpr auto full_uri = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
constexpr auto token_file = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
constexpr auto token_variable = "AWS_CONTAINER_AUTHORIZATION_TOKEN";

bool allowed(http::Origin const& origin) {
  if (origin.secure() || origin.loopback()) return true;
  std::string host = origin.host;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code wrong;
  auto const address = boost::asio::ip::make_address(host, wrong);
  if (wrong) return false;  // a name: what it resolves to may change
  auto const known = [&address](char const* text) { return address == boost::asio::ip::make_address(text); };
  return address.is_loopback() || known("169.254.170.2") || known("169.254.170.23") || known("fd00:ec2::23");
}

// Empty where none is set.
Result<base::Secret> authorization(base::Environment const& environment) {
  if (auto const path = environment.get(token_file))
    return read_token(*path, std::string("container credentials: ") + token_file);
  base::Secret token(environment.get(token_variable).value_or(std::string()));
  // "Bearer abc" holds a space by right; a line break would smuggle in a header.
  auto const& text = token.reveal();
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; }))
    return Error(Errc::denied, std::string("container credentials: ") + token_variable +
                                   " holds a line break or another character that no token has: set it again "
                                   "without it");
  return token;
}

}  // namespace

bool Container::configured(base::Environment const& environment) {
  return environment.has(relative_uri) || environment.has(full_uri);
}

Result<http::Url> Container::url(base::Environment const& environment) {
  bool const relative = environment.has(relative_uri);
  std::string const variable = relative ? relative_uri : full_uri;
  auto text = environment.get(variable).value_or(std::string());
  if (relative) {
    if (!text.starts_with('/'))
      return Error(Errc::invalid, "container credentials: " + variable + " must begin with /");
    text.insert(0, "http://169.254.170.2");
  }
  auto url = http::parse_url(text);
  if (!url) return Error(Errc::invalid, "container credentials: " + variable + ": " + url.error().message);
  if (!allowed(url->origin))
    return Error(Errc::invalid, "container credentials: " + variable + " names " + url->origin.to_string() +
                                    ", which is neither https, loopback nor an address of ECS or EKS "
                                    "(169.254.170.2, 169.254.170.23, fd00:ec2::23): no token is sent there");
  return url;
}

Container::Container(Context const& context, http::Url url) : context_(context), url_(std::move(url)) {}

std::string Container::name() const { return "the container's credentials"; }

Task<Credentials> Container::get() {
  auto const token = authorization(context_.environment);
  if (!token) co_return token.error();
  auto const where = url_.origin.to_string();
  http::Request request("GET", url_.origin, url_.path.empty() ? "/" : url_.path);
  if (!url_.query.empty()) request.target += '?' + url_.query;
  request.headers.set("Accept", "application/json");
  if (!token->empty()) request.headers.set("Authorization", token->reveal());
  request.operation = "container credentials";
  request.max_response = std::size_t{1} << 20;
  request.timeouts.connect = std::chrono::seconds(2);
  request.timeouts.total = std::chrono::seconds(10);
  auto const response = co_await context_.client.send(request);
  if (!response) {
    Error error = response.error();
    error.message = "container credentials: the endpoint could not be asked: " + error.message;
    co_return error;
  }
  if (response->ok())
    if (auto credentials = decode_json(response->body, "Token"))
      if (!credentials->session_token.empty()) co_return std::move(*credentials);
  auto const refusal = decode_refusal(response->body);
  Error error(Errc::transient, "container credentials: the reply of " + where +
                                   " makes no sense: it holds no credentials: check " + full_uri);
  if (response->status == 401 || response->status == 403 || response->status == 400)
    error = Error(Errc::denied, "container credentials: " + where +
                                    " refused the token: on EKS check the pod identity association of the "
                                    "service account, and the token of " +
                                    token_file);
  else if (response->status == 404)
    error = Error(Errc::denied, "container credentials: " + where +
                                    " has none at that path: check the role of "
                                    "the task or the pod identity association");
  else if (response->status == 429)
    error = Error(Errc::throttled, "container credentials: " + where + " throttles");
  else if (response->status >= 500)
    error = Error(Errc::transient, "container credentials: " + where + " could not give any now");
  error.http_status = response->status;
  error.service_code = refusal.code;
  co_return error;
}

}  // namespace auth::aws
