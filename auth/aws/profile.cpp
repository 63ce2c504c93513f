#include "auth/aws/profile.hpp"

#include <algorithm>
#include <vector>

#include "auth/aws/assume_role.hpp"
#include "auth/aws/cached_source.hpp"
#include "auth/aws/container.hpp"
#include "auth/aws/credential_process.hpp"
#include "auth/aws/imds.hpp"
#include "auth/aws/sso.hpp"
#include "auth/aws/static_source.hpp"
#include "auth/aws/web_identity.hpp"
#include "base/encoding.hpp"

namespace auth::aws {

namespace {

// Each link is a request to STS and some stack: people use two or three.
constexpr std::size_t longest_chain = 50;

using Opened = Result<std::unique_ptr<Source>>;

class Opening {
 public:
  Opening(Context const& context, Profiles const& profiles) : context_(context), profiles_(profiles) {}

  Opened open(std::string const& name) {
    auto const found = profiles_.find(name);
    if (found == profiles_.end())
      return refuse(name,
                    "does not exist in the shared config and credentials files: correct AWS_PROFILE or " +
                        std::string("source_profile"));
    if (seen_.size() == longest_chain)
      return refuse(name, "stands at the end of " + std::to_string(longest_chain) +
                              " profiles that lead to each other by source_profile: shorten the chain");
    bool const circle = std::find(seen_.begin(), seen_.end(), name) != seen_.end();
    seen_.push_back(name);
    auto const& settings = found->second;
    // A profile may name itself as the source of the keys for its role.
    if (circle &&
        (seen_.size() < 2 || seen_[seen_.size() - 2] != name || !has(settings, "aws_access_key_id")))
      return refuse(name, "leads back to itself by source_profile: break the circle");
    if (has(settings, "role_arn") && !circle) return role(name, settings);
    if (has(settings, "aws_access_key_id") || has(settings, "aws_secret_access_key"))
      return keys(name, settings);
    if (has(settings, "credential_process")) return process(name, get(settings, "credential_process"));
    if (has(settings, "sso_session") || has(settings, "sso_start_url")) return sso(name, settings);
    for (auto const* key : {"login_session"})
      if (has(settings, key))
        return refuse(name, std::string("uses ") + key +
                                ", a login in a browser, which is not offered: run \"aws configure "
                                "export-credentials --profile " +
                                name +
                                " --format env\" and set what it prints, or name that command (with "
                                "--format process) as the profile's credential_process");
    return refuse(name,
                  "holds no credentials: add aws_access_key_id and aws_secret_access_key, role_arn or "
                  "credential_process");
  }

 private:
  static bool has(Settings const& settings, std::string_view key) {
    auto const found = settings.find(key);
    return found != settings.end() && !found->second.empty();
  }
  static std::string get(Settings const& settings, std::string_view key) {
    auto const found = settings.find(key);
    return found == settings.end() ? std::string() : found->second;
  }
  static Error refuse(std::string const& name, std::string const& why) {
    return Error(Errc::invalid, "shared profile: the profile \"" + name + "\" " + why);
  }

  Opened keys(std::string const& name, Settings const& settings) {
    for (auto const* key : {"aws_access_key_id", "aws_secret_access_key"})
      if (!has(settings, key)) return refuse(name, std::string("has half a pair of keys: add ") + key);
    Credentials credentials;
    credentials.access_key_id = get(settings, "aws_access_key_id");
    credentials.secret_access_key = base::Secret(get(settings, "aws_secret_access_key"));
    credentials.session_token = base::Secret(get(settings, "aws_session_token"));
    auto const usable = [](std::string const& text) {
      return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
    };
    for (auto const* key : {"aws_access_key_id", "aws_secret_access_key", "aws_session_token"})
      if (!usable(get(settings, key)))
        return refuse(name, std::string("has a space or another character that no key has in ") + key);
    return std::unique_ptr<Source>(
        std::make_unique<StaticSource>(std::move(credentials), "the keys of the profile \"" + name + '"'));
  }

  Opened role(std::string const& name, Settings const& settings) {
    if (has(settings, "mfa_serial"))
      return refuse(name,
                    "asks for a code (mfa_serial), which a program without a terminal can't give: use "
                    "another profile");
    auto const session = get(settings, "role_session_name");
    if (!session.empty() && !is_session_name(session))
      return refuse(name, "has a role_session_name that is not 2 to 64 letters, digits or _+=,.@-");
    auto const region = get(settings, "region");
    auto endpoint = sts_endpoint(context_.environment, region.empty() ? context_.region : region);
    if (!endpoint) return endpoint.error();

    if (has(settings, "web_identity_token_file")) {
      WebIdentity::Settings web;
      web.role_arn = get(settings, "role_arn");
      web.token_file = get(settings, "web_identity_token_file");
      web.session_name = session;
      web.named_by = "the profile \"" + name + '"';
      return cached(std::make_unique<WebIdentity>(context_, std::move(web), std::move(*endpoint)));
    }
    bool const profile = has(settings, "source_profile");
    if (profile == has(settings, "credential_source"))
      return refuse(name, profile ? "has both source_profile and credential_source: keep one"
                                  : "has role_arn but neither source_profile, credential_source nor "
                                    "web_identity_token_file: add one");
    auto base = profile ? open(get(settings, "source_profile"))
                        : credential_source(name, get(settings, "credential_source"));
    if (!base) return base;
    AssumeRole::Settings wanted;
    wanted.role_arn = get(settings, "role_arn");
    wanted.session_name = session;
    wanted.external_id = get(settings, "external_id");
    wanted.duration = get(settings, "duration_seconds");
    if (!wanted.duration.empty() && !base::parse_u64(wanted.duration))
      return refuse(name, "has a duration_seconds that is no number");
    return cached(
        std::make_unique<AssumeRole>(context_, std::move(wanted), std::move(*base), std::move(*endpoint)));
  }

  Opened credential_source(std::string const& name, std::string const& kind) {
    if (kind == "Environment")
      return std::unique_ptr<Source>(std::make_unique<EnvironmentSource>(context_.environment));
    if (kind == "EcsContainer") {
      if (!Container::configured(context_.environment))
        return refuse(name,
                      "takes its keys from the container, but AWS_CONTAINER_CREDENTIALS_FULL_URI is not set");
      auto url = Container::url(context_.environment);
      if (!url) return url.error();
      return cached(std::make_unique<Container>(context_, std::move(*url)));
    }
    if (kind == "Ec2InstanceMetadata") {
      auto origin = Imds::origin(context_.environment);
      if (!origin) return origin.error();
      return cached(std::make_unique<Imds>(context_, std::move(*origin)));
    }
    return refuse(name,
                  "has an unknown credential_source: write Environment, EcsContainer or Ec2InstanceMetadata");
  }

  Opened process(std::string const& name, std::string const& text) {
    auto words = split_command(text);
    if (!words) return refuse(name, "has a credential_process that is no command: close its quotes");
    return cached(std::make_unique<CredentialProcess>(context_, std::move(*words), name));
  }

  Opened sso(std::string const& name, Settings const& settings) {
    Settings all = settings;
    if (auto const session = get(settings, "sso_session"); !session.empty()) {
      auto const sessions = load_sso_sessions(context_.environment);
      if (!sessions) return sessions.error();
      auto const found = sessions->find(session);
      if (found == sessions->end())
        return refuse(name, "names the sso_session \"" + session +
                                "\", which the config file does not have: run \"aws configure sso\"");
      for (auto const& [key, value] : found->second) all[key] = value;
    }
    for (auto const* key : {"sso_start_url", "sso_region", "sso_account_id", "sso_role_name"})
      if (!has(all, key))
        return refuse(name, std::string("lacks ") + key + ": add it, or run \"aws configure sso\"");
    auto endpoint = Sso::endpoint(context_.environment, get(all, "sso_region"));
    if (!endpoint) return endpoint.error();
    Sso::Settings wanted;
    wanted.profile = name;
    wanted.session = get(all, "sso_session");
    wanted.start_url = get(all, "sso_start_url");
    wanted.region = get(all, "sso_region");
    wanted.account = get(all, "sso_account_id");
    wanted.role = get(all, "sso_role_name");
    return cached(std::make_unique<Sso>(context_, std::move(wanted), std::move(*endpoint)));
  }

  Opened cached(std::unique_ptr<Source> source) {
    return std::unique_ptr<Source>(std::make_unique<CachedSource>(std::move(source), context_));
  }

  Context const& context_;
  Profiles const& profiles_;
  std::vector<std::string> seen_;
};

bool describes_credentials(Settings const& settings) {
  for (auto const* key : {"aws_access_key_id", "aws_secret_access_key", "role_arn", "credential_process",
                          "sso_session", "sso_start_url", "login_session"})
    if (auto const found = settings.find(key); found != settings.end() && !found->second.empty()) return true;
  return false;
}

}  // namespace

Result<std::unique_ptr<Source>> open_profile(Context const& context, Profiles const& profiles) {
  auto const asked = context.environment.get("AWS_PROFILE");
  auto const name = asked.value_or("default");
  auto const found = profiles.find(name);
  if (!asked && (found == profiles.end() || !describes_credentials(found->second)))
    return std::unique_ptr<Source>();
  Opening opening(context, profiles);
  return opening.open(name);
}

}  // namespace auth::aws
