#pragma once

#include <string>

#include "auth/aws/context.hpp"
#include "auth/aws/credentials.hpp"
#include "auth/aws/replies.hpp"

namespace auth::aws {

// The role of a person who is logged in by IAM Identity Center (`aws sso login`): GetRoleCredentials with the
// login that the AWS CLI keeps. The login is read at each exchange and not renewed here.
// docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html
class Sso final : public Source {
 public:
  struct Settings {
    std::string profile;
    std::string session;  // empty: a profile without an sso-session
    std::string start_url;
    std::string region;
    std::string account;
    std::string role;
  };
  // invalid: AWS_ENDPOINT_URL_SSO or AWS_ENDPOINT_URL is no address, or one of plain http to another machine.
  static Result<http::Url> endpoint(base::Environment const& environment, std::string const& region);

  Sso(Context const& context, Settings settings, http::Url endpoint);
  // denied: nobody is logged in, the login has expired, or the role is not given to whoever is.
  Task<Credentials> get() override;
  std::string name() const override;

 private:
  Error log_in(std::string const& why) const;

  Context context_;
  Settings settings_;
  http::Url endpoint_;
};

}  // namespace auth::aws
