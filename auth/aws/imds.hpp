#pragma once

#include <string>

#include "auth/aws/context.hpp"
#include "auth/aws/credentials.hpp"

namespace auth::aws {

// The role of an EC2 instance, by its metadata service, version 2 only: a session token, the role's name, its
// credentials. docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-v2-how-it-works.html
class Imds final : public Source {
 public:
  // AWS_EC2_METADATA_DISABLED is "true", in any case.
  static bool disabled(base::Environment const& environment);
  // AWS_EC2_METADATA_SERVICE_ENDPOINT, else by AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE (IPv4, IPv6).
  // invalid: a malformed one, or plain http to what is neither loopback, link-local nor fd00:ec2::254.
  static Result<http::Origin> origin(base::Environment const& environment);

  Imds(Context const& context, http::Origin origin);
  // transient, with http_status 0: nothing answers there, as anywhere but on EC2. The connection may take
  // one second.
  Task<Credentials> get() override;
  std::string name() const override;

 private:
  Task<std::string> read(std::string path, base::Secret const& token);

  Context context_;
  http::Origin origin_;
};

}  // namespace auth::aws
