#include <filesystem>

#include "auth/aws/profile.hpp"
#include "auth/aws/sso_login.hpp"
#include "identity_fixture.hpp"

using base::Errc;
using testing::HasSubstr;
using testing::SizeIs;

namespace {

struct SsoLogins : Identity {
  void login(std::string const& key, std::string const& text) {
    auto const path = std::filesystem::path(auth::aws::sso_cache_file(home(), key));
    std::filesystem::create_directories(path.parent_path());
    folder.write("home/.aws/sso/cache/" + path.filename().string(), text);
  }
  std::string home() const {
    return std::filesystem::path(folder.write("here", "")).parent_path().string() + "/home";
  }
  std::unique_ptr<auth::aws::Source> open(std::string const& config, Variables more = {}) {
    more.insert_or_assign("HOME", home());
    more.insert_or_assign("AWS_CONFIG_FILE", folder.write("config", config));
    more.insert_or_assign("AWS_PROFILE", "dev");
    made.emplace(context(std::move(more)));
    auto const profiles = auth::aws::load_profiles(environment).value();
    return auth::aws::open_profile(*made, profiles).value();
  }
  static std::string cached(std::string const& end) {
    return R"({"startUrl":"https://acme.example/start","accessToken":"hidden-login","expiresAt":")" + end +
           "\"}";
  }

  std::string const by_session =
      "[profile dev]\nsso_session = acme\nsso_account_id = 123456789012\nsso_role_name = Read Only\n"
      "[sso-session acme]\nsso_start_url = https://acme.example/start\nsso_region = eu-west-1\n";
  std::string const by_url =
      "[profile dev]\nsso_start_url = https://acme.example/start\nsso_region = cn-north-1\n"
      "sso_account_id = 123456789012\nsso_role_name = r\n";
  std::string const role =
      R"({"roleCredentials":{"accessKeyId":"ASIAEXAMPLE","secretAccessKey":"hidden-key",)"
      R"("sessionToken":"hidden-session","expiration":1795312800000}})";
  std::optional<auth::aws::Context> made;
};

}  // namespace

TEST(SsoCache, IsNamedByTheDigestOfTheSession) {
  EXPECT_EQ(auth::aws::sso_cache_file("/home/me", "abc"),
            "/home/me/.aws/sso/cache/a9993e364706816aba3e25717850c26c9cd0d89d.json");
}

TEST_F(SsoLogins, GiveTheRoleOfAnSsoSession) {
  login("acme", cached("2026-11-22T01:30:00Z"));
  auto const source = open(by_session);
  client.reply(200, role);
  expect_session(get(*source));
  expect_session(get(*source));
  ASSERT_THAT(client.requests, SizeIs(1));
  auto const& request = client.requests[0];
  EXPECT_EQ(request.origin.to_string(), "https://portal.sso.eu-west-1.amazonaws.com");
  EXPECT_EQ(request.target, "/federation/credentials?role_name=Read%20Only&account_id=123456789012");
  EXPECT_EQ(*request.headers.find("x-amz-sso_bearer_token"), "hidden-login");
  EXPECT_FALSE(request.headers.find("Authorization"));
}

TEST_F(SsoLogins, GiveTheRoleOfAProfileWithoutASession) {
  login("https://acme.example/start", cached("2026-11-22T01:30:00UTC"));
  auto const source = open(by_url);
  client.reply(200, role);
  expect_session(get(*source));
  EXPECT_EQ(client.requests[0].origin.host, "portal.sso.cn-north-1.amazonaws.com.cn");
}

TEST_F(SsoLogins, AskForALoginWhereThereIsNoneThatHolds) {
  auto source = open(by_session);
  expect_refused(get(*source), Errc::denied, {"is not there", "aws sso login --profile dev"});
  for (auto const* text : {"", "{}", "[]", R"({"accessToken":"hidden","expiresAt":"soon"})",
                           R"({"accessToken":"hidden\nx","expiresAt":"2026-11-22T01:30:00Z"})"}) {
    login("acme", text);
    source = open(by_session);
    expect_refused(get(*source), Errc::denied, {"aws sso login --profile dev"});
  }
  login("acme", cached("2026-11-22T00:59:59Z"));
  source = open(by_session);
  expect_refused(get(*source), Errc::denied, {"has expired", "aws sso login --profile dev"});
  EXPECT_THAT(client.requests, SizeIs(0));
  login("acme", cached("2026-11-22T01:30:00Z"));
  source = open(by_session);
  client.reply(401, R"({"message":"Session token not found or invalid","__type":"UnauthorizedException"})");
  expect_refused(get(*source), Errc::denied, {"not accepted any more", "aws sso login --profile dev"});
}

TEST_F(SsoLogins, TellARefusedRoleFromTroubleAndRubbish) {
  login("acme", cached("2026-11-22T01:30:00Z"));
  struct Case {
    int status;
    std::string body;
    Errc code;
    std::string words;
  };
  for (auto const& [status, body, code, words] :
       {Case{403, R"({"message":"No access"})", Errc::denied, "sso_role_name"},
        Case{404, "{}", Errc::denied, "sso_account_id"}, Case{429, "", Errc::throttled, "throttles"},
        Case{503, "", Errc::transient, "now"}, Case{200, "<html>", Errc::transient, "makes no sense"},
        Case{200, R"({"roleCredentials":{}})", Errc::transient, "makes no sense"}}) {
    auto const source = open(by_session);
    client.reply(status, body);
    expect_refused(get(*source), code, {"shared profile", words});
  }
}

TEST_F(SsoLogins, NeverGoUnencryptedToAnotherMachine) {
  context({{"AWS_ENDPOINT_URL", "http://localstack:4566"}});
  auto const profiles = auth::aws::parse_profiles(by_url, auth::aws::File::config, "config").value();
  made.emplace(context({{"AWS_PROFILE", "dev"}, {"AWS_ENDPOINT_URL", "http://localstack:4566"}}));
  auto const opened = auth::aws::open_profile(*made, profiles);
  ASSERT_FALSE(opened.has_value());
  EXPECT_THAT(opened.error().message, HasSubstr("unencrypted"));
}
