#include "auth/azure/bearer.hpp"

#include "auth/azure/service.hpp"

namespace auth::azure {

namespace {

constexpr std::string_view scheme = "Bearer ";

}  // namespace

Task<> Bearer::sign(http::Request& request) {
  // Whoever sees the token holds it.
  if (!request.origin.secure() && !request.origin.loopback())
    co_return Error(Errc::invalid, "an access token must not travel over plain http to " +
                                       request.origin.host + ": use https");
  auto const token = co_await identity_->token(request.stop);
  if (!token) co_return token.error();
  if (!request.headers.find("x-ms-version")) request.headers.set("x-ms-version", api_version);
  request.headers.set("Authorization", std::string(scheme) + token->token.reveal());
  co_return Result<>();
}

bool Bearer::renew(http::Request const& sent, http::Response const&) {
  auto const value = sent.headers.find("Authorization");
  if (!value || !value->starts_with(scheme)) return false;
  AccessToken used;
  used.token = base::Secret(std::string(value->substr(scheme.size())));
  return identity_->refused(used);
}

}  // namespace auth::azure
