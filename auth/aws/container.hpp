#pragma once

#include <string>

#include "auth/aws/context.hpp"
#include "auth/aws/credentials.hpp"

namespace auth::aws {

// The credential endpoint beside a container: ECS task roles, EKS Pod Identity.
// docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
class Container final : public Source {
 public:
  // AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI is set.
  static bool configured(base::Environment const& environment);
  // Where to ask; the relative one rules. invalid: no URL, or one whose host is neither loopback,
  // 169.254.170.2, 169.254.170.23, fd00:ec2::23 nor reached by https: whoever can set a variable could else
  // have the token sent anywhere.
  static Result<http::Url> url(base::Environment const& environment);

  Container(Context const& context, http::Url url);
  // Sends AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE's content, read each time, or
  // AWS_CONTAINER_AUTHORIZATION_TOKEN.
  Task<Credentials> get() override;
  std::string name() const override;

 private:
  Context context_;
  http::Url url_;
};

}  // namespace auth::aws
