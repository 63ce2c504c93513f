#pragma once

#include <chrono>
#include <string>

#include "auth/aws/context.hpp"
#include "auth/aws/credentials.hpp"
#include "auth/aws/sts.hpp"

namespace auth::aws {

// A role taken on the strength of a token that somebody else issued, as a pod of EKS does with the projected
// token of its service account (IRSA): AssumeRoleWithWebIdentity, unsigned. A refusal that passes once a new
// role or identity provider is known everywhere is tried again for up to `window`.
class WebIdentity final : public Source {
 public:
  static constexpr std::chrono::seconds window{30};

  struct Settings {
    std::string role_arn;
    std::string token_file;
    std::string session_name;  // empty: one made from the time
    std::string named_by;      // what names the file, e.g. "AWS_WEB_IDENTITY_TOKEN_FILE"
  };
  // AWS_ROLE_ARN or AWS_WEB_IDENTITY_TOKEN_FILE is set.
  static bool configured(base::Environment const& environment);
  // denied: one of the pair is missing. invalid: a bad session name.
  static Result<Settings> settings(base::Environment const& environment);

  WebIdentity(Context const& context, Settings settings, StsEndpoint endpoint);
  // Reads the token file and exchanges what it holds. denied: no token, or STS refused.
  Task<Credentials> get() override;
  std::string name() const override;

 private:
  Task<http::Response> ask();
  std::string why(Refusal const& refusal) const;

  Context context_;
  Settings settings_;
  StsEndpoint endpoint_;
};

}  // namespace auth::aws
