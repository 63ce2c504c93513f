#include "simulation/tokens.hpp"

#include <cstdlib>

#include "base/encoding.hpp"
#include "base/time.hpp"
#include "simulation/azure_services.hpp"

namespace simulation {

namespace {

constexpr std::string_view mark = "token-";

http::Response json_error(int status, std::string_view type, std::string_view message) {
  return response(status,
                  R"({"__type":")" + std::string(type) + R"(","message":")" + std::string(message) + "\"}");
}

}  // namespace

http::Response Tokens::failure(Fault fault) {
  return response(fault == Fault::throttled ? 429 : 500, R"({"error":"temporarily_unavailable"})");
}

std::optional<Reply> Tokens::handle(ExchangePtr const& exchange) {
  auto const token = std::string(mark) + std::to_string(++issued_);
  auto const end = world_.now() + life_;
  ends_[issued_] = end;
  auto const expiration = base::iso8601(World::system_at(end));
  if (exchange->kind == Kind::entra) {
    auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(life_).count();
    return Reply{response(200, R"({"token_type":"Bearer","expires_in":)" + std::to_string(seconds) +
                                   R"(,"access_token":")" + token + "\"}"),
                 {}};
  }
  if (exchange->kind == Kind::container)
    return Reply{response(200, R"({"AccessKeyId":"ASIASIMULATED","SecretAccessKey":"simulated","Token":")" +
                                   token + R"(","Expiration":")" + expiration + "\"}"),
                 {}};
  return Reply{response(200,
                        "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
                        "<AccessKeyId>ASIASIMULATED</AccessKeyId><SecretAccessKey>simulated</SecretAccessKey>"
                        "<SessionToken>" +
                            token + "</SessionToken><Expiration>" + expiration +
                            "</Expiration></Credentials></AssumeRoleWithWebIdentityResult>"
                            "</AssumeRoleWithWebIdentityResponse>"),
               {}};
}

bool Tokens::holds(std::string_view token) const {
  if (!token.starts_with(mark)) return false;
  auto const number = base::parse_u64(token.substr(mark.size()));
  if (!number || *number <= revoked_) return false;
  auto const found = ends_.find(*number);
  return found != ends_.end() && found->second > world_.now();
}

// Both clouds take a date that is up to 15 minutes off.
bool Tokens::dated_well(std::optional<base::System> date) const {
  using namespace std::chrono_literals;
  return date && *date - world_.system() <= 15min && world_.system() - *date <= 15min;
}

std::optional<http::Response> Tokens::refuse_azure(http::Request const& request) const {
  auto const authorization = request.headers.find("Authorization");
  auto made = response(401);
  made.headers.set("x-ms-error-code", "InvalidAuthenticationInfo");
  made.headers.set("Date", base::http_date(world_.system()));
  if (!authorization) return made;
  constexpr std::string_view bearer = "Bearer ";
  if (authorization->starts_with(bearer)) {
    if (holds(authorization->substr(bearer.size()))) return std::nullopt;
    return made;
  }
  auto const date = request.headers.find("x-ms-date");
  if (date && dated_well(base::parse_http_date(*date))) return std::nullopt;
  made.status = 403;
  made.headers.set("x-ms-error-code", "AuthenticationFailed");
  return made;
}

std::optional<http::Response> Tokens::refuse_aws(http::Request const& request) const {
  auto const date = request.headers.find("X-Amz-Date");
  auto const authorization = request.headers.find("Authorization");
  if (!authorization || !date)
    return json_error(400, "com.amazon.coral.service#MissingAuthenticationTokenException", "simulated");
  // "20261122T010203Z" as RFC 3339 has it.
  std::string text(*date);
  if (text.size() == 16) text.insert(13, ":").insert(11, ":").insert(6, "-").insert(4, "-");
  if (!dated_well(base::parse_iso8601(text))) {
    auto made =
        json_error(400, "com.amazon.coral.service#InvalidSignatureException", "Signature expired: simulated");
    made.headers.set("Date", base::http_date(world_.system()));
    return made;
  }
  if (authorization->find("Credential=AKIASIMULATED/") != std::string::npos) return std::nullopt;
  auto const token = request.headers.find("X-Amz-Security-Token");
  if (token && holds(*token)) return std::nullopt;
  return json_error(400, "com.amazon.coral.service#ExpiredTokenException", "simulated");
}

}  // namespace simulation
