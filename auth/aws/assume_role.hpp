#pragma once

#include <memory>
#include <string>

#include "auth/aws/context.hpp"
#include "auth/aws/credentials.hpp"
#include "auth/aws/sigv4.hpp"
#include "auth/aws/sts.hpp"

namespace auth::aws {

// A role taken with the credentials of another source: AssumeRole, signed.
class AssumeRole final : public Source {
 public:
  struct Settings {
    std::string role_arn;
    std::string session_name;  // empty: one made from the time
    std::string external_id;   // empty: none
    std::string duration;      // seconds; empty: the role's own default
  };
  AssumeRole(Context const& context, Settings settings, std::unique_ptr<Source> base, StsEndpoint endpoint);
  Task<Credentials> get() override;
  std::string name() const override;

 private:
  Task<http::Response> ask();
  std::string why(Refusal const& refusal) const;

  Context context_;
  Settings settings_;
  std::unique_ptr<Source> base_;
  StsEndpoint endpoint_;
  SigV4 signer_;
  Refreshing signing_;
};

}  // namespace auth::aws
