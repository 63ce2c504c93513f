#include "auth/aws/credentials.hpp"

#include "base/encoding.hpp"

namespace auth::aws {

namespace {

Result<Credentials> read(base::Environment const& environment) {
  auto const key_id = environment.get("AWS_ACCESS_KEY_ID");
  auto const secret = environment.get("AWS_SECRET_ACCESS_KEY");
  auto const token = environment.get("AWS_SESSION_TOKEN");
  if (!key_id && !secret)
    return Error(Errc::denied,
                 "no AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and "
                 "AWS_SESSION_TOKEN for temporary keys)");
  if (!key_id)
    return Error(Errc::denied, "AWS_SECRET_ACCESS_KEY is set but AWS_ACCESS_KEY_ID is not: set both");
  if (!secret)
    return Error(Errc::denied, "AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not: set both");
  // A pasted line break would otherwise end as a broken header or an unexplained bad signature.
  for (auto const* value : {&key_id, &secret, &token})
    if (*value)
      for (char const c : **value)
        if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F)
          return Error(Errc::denied, std::string(value == &key_id   ? "AWS_ACCESS_KEY_ID"
                                                 : value == &secret ? "AWS_SECRET_ACCESS_KEY"
                                                                    : "AWS_SESSION_TOKEN") +
                                         " holds a space, a line break or another character that no key "
                                         "has: set it again without it");
  Credentials credentials;
  credentials.access_key_id = *key_id;
  credentials.secret_access_key = base::Secret(*secret);
  credentials.session_token = base::Secret(token.value_or(std::string()));
  return credentials;
}

}  // namespace

bool Source::refused(Credentials const&) { return false; }

EnvironmentSource::EnvironmentSource(base::Environment const& environment) : found_(read(environment)) {}

Task<Credentials> EnvironmentSource::get() { co_return found_; }

std::string EnvironmentSource::name() const { return "the keys of AWS_ACCESS_KEY_ID"; }

}  // namespace auth::aws
