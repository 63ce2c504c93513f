#include "auth/aws/chain.hpp"

#include "auth/aws/cached_source.hpp"
#include "auth/aws/container.hpp"
#include "auth/aws/imds.hpp"
#include "auth/aws/profile.hpp"
#include "auth/aws/static_source.hpp"
#include "auth/aws/web_identity.hpp"

namespace auth::aws {

namespace {

constexpr char const* nothing = "no AWS credentials";

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
  return std::make_unique<StaticSource>(std::move(error), nothing);
}

std::unique_ptr<Source> cached(std::unique_ptr<Source> source, Context const& context) {
  return std::make_unique<CachedSource>(std::move(source), context);
}

struct Variable {
  std::string_view name;
  int place;  // of its provider in the chain
};
constexpr Variable variables[] = {{"AWS_ACCESS_KEY_ID", 1},
                                  {"AWS_WEB_IDENTITY_TOKEN_FILE", 2},
                                  {"AWS_PROFILE", 3},
                                  {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", 4},
                                  {"AWS_CONTAINER_CREDENTIALS_FULL_URI", 4}};

// Two identities at once are rarely meant: says which one acts.
void tell_ignored(Context const& context, int place, Source const& chosen) {
  for (auto const& variable : variables)
    if (variable.place > place && context.environment.has(variable.name))
      context.log.write(base::Level::warning,
                        "more than one AWS credential is configured: the one in use is " + chosen.name() +
                            "; " + std::string(variable.name) + " is not looked at: unset what is not meant");
}

std::unique_ptr<Source> choose(Context const& context, int& place) {
  auto const& environment = context.environment;
  if (environment.has("AWS_ACCESS_KEY_ID") || environment.has("AWS_SECRET_ACCESS_KEY"))
    return std::make_unique<EnvironmentSource>(environment);

  place = 2;
  if (WebIdentity::configured(environment)) {
    auto settings = WebIdentity::settings(environment);
    if (!settings) return failed(settings.error());
    auto endpoint = sts_endpoint(environment, context.region);
    if (!endpoint) return failed(endpoint.error());
    return cached(std::make_unique<WebIdentity>(context, std::move(*settings), std::move(*endpoint)),
                  context);
  }

  place = 3;
  auto const profiles = load_profiles(environment);
  if (!profiles) return failed(profiles.error());
  auto profile = open_profile(context, *profiles);
  if (!profile) return failed(profile.error());
  if (*profile) return std::move(*profile);

  place = 4;
  if (Container::configured(environment)) {
    auto url = Container::url(environment);
    if (!url) return failed(url.error());
    return cached(std::make_unique<Container>(context, std::move(*url)), context);
  }

  place = 5;
  if (Imds::disabled(environment))
    return failed(Error(Errc::denied, nothing_found("AWS_EC2_METADATA_DISABLED is set")));
  auto const origin = Imds::origin(environment);
  if (!origin) return failed(origin.error());
  return cached(std::make_unique<Probe>(context, *origin), context);
}

}  // namespace

std::unique_ptr<Source> make_chain(Context const& context) { return choose_source(context).source; }

Choice choose_source(Context const& context) {
  constexpr std::string_view lacks[] = {
      "keys of the environment (AWS_ACCESS_KEY_ID is not set)",
      "web identity (AWS_WEB_IDENTITY_TOKEN_FILE is not set)",
      "shared profile (no AWS_PROFILE, and no keys under [default])",
      "container credentials (AWS_CONTAINER_CREDENTIALS_FULL_URI is not set)"};
  int place = 1;
  Choice choice;
  choice.source = choose(context, place);
  if (choice.source->name() != nothing) tell_ignored(context, place, *choice.source);
  for (int before = 1; before < place; ++before)
    choice.passed_over += (before == 1 ? "" : "; ") + std::string(lacks[before - 1]);
  return choice;
}

}  // namespace auth::aws
