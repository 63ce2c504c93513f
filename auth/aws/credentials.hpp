#pragma once

#include <optional>
#include <string>

#include "auth/core/signer.hpp"
#include "base/clock.hpp"
#include "base/environment.hpp"
#include "base/secret.hpp"

namespace auth::aws {

// What signs a request to AWS.
struct Credentials {
  std::string access_key_id;
  base::Secret secret_access_key;
  base::Secret session_token;              // empty for keys that last
  std::optional<base::System> expires_at;  // nothing: they last
  friend bool operator==(Credentials const&, Credentials const&) = default;
};

// Where credentials come from. A source of keys that expire sits behind a cache, and several sources form a
// chain: both are Sources around Sources.
class Source {
 public:
  virtual ~Source() = default;
  // denied: this source has none; the sentence says what to set.
  virtual Task<Credentials> get() = 0;
  // A service refused `used` although they had not expired. True where get() brings others, so that sending
  // again makes sense.
  virtual bool refused(Credentials const& used);
  // For sentences such as "SQS refused …", e.g. "the keys of AWS_ACCESS_KEY_ID".
  virtual std::string name() const = 0;
};

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. Half a pair is denied, with the name of the
// half that is missing.
class EnvironmentSource final : public Source {
 public:
  explicit EnvironmentSource(base::Environment const& environment);
  Task<Credentials> get() override;
  std::string name() const override;

 private:
  Result<Credentials> found_;
};

}  // namespace auth::aws
