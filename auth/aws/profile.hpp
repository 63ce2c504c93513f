#pragma once

#include <memory>

#include "auth/aws/context.hpp"
#include "auth/aws/credentials.hpp"
#include "auth/aws/profiles.hpp"

namespace auth::aws {

// The credentials that the profile AWS_PROFILE, else "default", describes: keys; a role with source_profile,
// credential_source or web_identity_token_file; credential_process. Nothing where AWS_PROFILE is not set and
// "default" describes none. What expires is cached.
// invalid: no such profile, half a description, a circle of source_profile, or a kind that is not offered
// (sso_*, login_session, mfa_serial); the sentence names the profile and what to do.
Result<std::unique_ptr<Source>> open_profile(Context const& context, Profiles const& profiles);

}  // namespace auth::aws
