#include "auth/aws/imds.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "auth/aws/replies.hpp"
#include "base/encoding.hpp"

namespace auth::aws {

namespace {

constexpr auto endpoint_variable = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
constexpr auto mode_variable = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE";
constexpr auto roles = "/latest/meta-data/iam/security-credentials/";

bool local(http::Origin const& origin) {
  if (origin.secure() || origin.loopback()) return true;
  std::string host = origin.host;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code wrong;
  auto const address = boost::asio::ip::make_address(host, wrong);
  if (wrong) return false;
  if (address.is_v4()) return address.is_loopback() || (address.to_v4().to_uint() >> 16) == 0xA9FE;
  auto const v6 = address.to_v6();
  return v6.is_loopback() || v6.is_link_local() || v6 == boost::asio::ip::make_address_v6("fd00:ec2::254");
}

void limit(http::Request& request) {
  request.timeouts.connect = std::chrono::seconds(1);
  request.timeouts.total = std::chrono::seconds(5);
  request.max_response = std::size_t{1} << 20;
}

Error at(http::Origin const& origin, int status, std::string const& what) {
  Error error(status >= 500 ? Errc::transient : Errc::denied,
              "instance metadata: " + origin.to_string() + ' ' + what);
  error.http_status = status;
  return error;
}

}  // namespace

bool Imds::disabled(base::Environment const& environment) {
  return base::iequals(environment.get("AWS_EC2_METADATA_DISABLED").value_or(""), "true");
}

Result<http::Origin> Imds::origin(base::Environment const& environment) {
  auto const mode = environment.get(mode_variable).value_or("IPv4");
  if (!base::iequals(mode, "IPv4") && !base::iequals(mode, "IPv6"))
    return Error(Errc::invalid, std::string("instance metadata: ") + mode_variable + " must be IPv4 or IPv6");
  auto const text =
      environment.get(endpoint_variable)
          .value_or(base::iequals(mode, "IPv6") ? "http://[fd00:ec2::254]" : "http://169.254.169.254");
  auto const url = http::parse_url(text);
  if (!url)
    return Error(Errc::invalid,
                 std::string("instance metadata: ") + endpoint_variable + ": " + url.error().message);
  if (!local(url->origin))
    return Error(Errc::invalid,
                 std::string("instance metadata: ") + endpoint_variable + " names " +
                     url->origin.to_string() +
                     ", which is neither link-local, loopback nor https: no keys are taken from "
                     "there");
  return url->origin;
}

Imds::Imds(Context const& context, http::Origin origin) : context_(context), origin_(std::move(origin)) {}

std::string Imds::name() const { return "the role of this EC2 instance"; }

Task<std::string> Imds::read(std::string path, base::Secret const& token) {
  http::Request request("GET", origin_, std::move(path));
  request.headers.set("X-aws-ec2-metadata-token", token.reveal());
  request.operation = "instance metadata";
  limit(request);
  auto response = co_await context_.client.send(request);
  if (!response) {
    Error error = response.error();
    error.message = "instance metadata: " + error.message;
    co_return error;
  }
  if (response->status == 404)
    co_return at(origin_, 404, "knows no role: attach an instance profile to this instance");
  if (!response->ok()) co_return at(origin_, response->status, "did not give the role's credentials");
  co_return std::move(response->body);
}

Task<Credentials> Imds::get() {
  http::Request request("PUT", origin_, "/latest/api/token");
  request.headers.set("X-aws-ec2-metadata-token-ttl-seconds", "300");
  request.operation = "instance metadata token";
  limit(request);
  request.timeouts.total = std::chrono::seconds(2);
  auto const answer = co_await context_.once.send(request);
  if (!answer) {
    // A reply that never comes back from an endpoint that is there is what the hop limit looks like.
    Error error(Errc::transient, "instance metadata: " + answer.error().message +
                                     " (in a container on EC2 the instance's metadata hop limit must be 2)");
    co_return error;
  }
  base::Secret const token((std::string(base::trim(answer->body))));
  auto const& text = token.reveal();
  bool const sane = !text.empty() && text.size() < 1024 &&
                    std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (!answer->ok())
    co_return at(origin_, answer->status,
                 "gives no session token: is the metadata service switched off here?");
  if (!sane)
    co_return at(origin_, answer->status, "answered with no session token: it is no metadata service");

  auto const listed = co_await read(roles, token);
  if (!listed) co_return listed.error();
  std::string const role(base::trim(listed->substr(0, listed->find('\n'))));
  if (role.empty() || role.size() > 128 || role.find_first_of(" <>\"") != role.npos)
    co_return at(origin_, 200, "names no role: attach an instance profile to this instance");
  auto const body = co_await read(roles + base::percent_encode(role), token);
  if (!body) co_return body.error();
  auto credentials = decode_json(*body, "Token");
  if (!credentials || credentials->session_token.empty()) {
    Error error(Errc::transient, "instance metadata: " + origin_.to_string() +
                                     " gave no credentials for the role " + role +
                                     ": check its instance profile and its trust policy");
    error.service_code = decode_refusal(*body).code;
    co_return error;
  }
  co_return std::move(*credentials);
}

}  // namespace auth::aws
