#include "auth/aws/chain.hpp"

#include "auth/aws/cached_source.hpp"
#include "auth/aws/container.hpp"
#include "auth/aws/imds.hpp"
#include "auth/aws/profile.hpp"
#include "auth/aws/static_source.hpp"
#include "auth/aws/web_identity.hpp"

namespace auth::aws {

namespace {

std::string nothing_found(std::string const& instance) {
  return "no AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or one of the "
         "others "
         "that were tried in vain: web identity (AWS_WEB_IDENTITY_TOKEN_FILE is not set), the shared profile "
         "(AWS_PROFILE is not set and no file has keys under [default]), container credentials "
         "(AWS_CONTAINER_CREDENTIALS_FULL_URI is not set), instance metadata (" +
         instance + ')';
}

// The last of the chain: what does not answer on the first question is not there.
class Probe final : public Source {
 public:
  Probe(Context const& context, http::Origin const& origin) : imds_(context, origin), origin_(origin) {}
  Task<Credentials> get() override {
    auto credentials = co_await imds_.get();
    if (credentials) answered_ = true;
    if (credentials || answered_ || credentials.error().http_status != 0) co_return credentials;
    co_return Error(Errc::denied, nothing_found("nothing answers at " + origin_.to_string()));
  }
  std::string name() const override { return imds_.name(); }

 private:
  Imds imds_;
  http::Origin origin_;
  bool answered_ = false;
};

std::unique_ptr<Source> failed(Error error) {
  return std::make_unique<StaticSource>(std::move(error), "no AWS credentials");
}

std::unique_ptr<Source> cached(std::unique_ptr<Source> source, Context const& context) {
  return std::make_unique<CachedSource>(std::move(source), context);
}

}  // namespace

std::unique_ptr<Source> make_chain(Context const& context) {
  auto const& environment = context.environment;
  if (environment.has("AWS_ACCESS_KEY_ID") || environment.has("AWS_SECRET_ACCESS_KEY"))
    return std::make_unique<EnvironmentSource>(environment);

  if (WebIdentity::configured(environment)) {
    auto settings = WebIdentity::settings(environment);
    if (!settings) return failed(settings.error());
    auto endpoint = sts_endpoint(environment, context.region);
    if (!endpoint) return failed(endpoint.error());
    return cached(std::make_unique<WebIdentity>(context, std::move(*settings), std::move(*endpoint)),
                  context);
  }

  auto const profiles = load_profiles(environment);
  if (!profiles) return failed(profiles.error());
  auto profile = open_profile(context, *profiles);
  if (!profile) return failed(profile.error());
  if (*profile) return std::move(*profile);

  if (Container::configured(environment)) {
    auto url = Container::url(environment);
    if (!url) return failed(url.error());
    return cached(std::make_unique<Container>(context, std::move(*url)), context);
  }

  if (Imds::disabled(environment))
    return failed(Error(Errc::denied, nothing_found("AWS_EC2_METADATA_DISABLED is set")));
  auto const origin = Imds::origin(environment);
  if (!origin) return failed(origin.error());
  return cached(std::make_unique<Probe>(context, *origin), context);
}

}  // namespace auth::aws
