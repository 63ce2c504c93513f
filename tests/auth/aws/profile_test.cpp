#include "auth/aws/profile.hpp"

#include <filesystem>

#include "auth/aws/credential_process.hpp"
#include "identity_fixture.hpp"

using auth::aws::File;
using auth::aws::parse_profiles;
using base::Errc;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

namespace {

struct ProfilesOfUsers : Identity {
  // Both files, and AWS_PROFILE where it is not empty.
  void files(std::string const& config, std::string const& credentials, std::string const& profile,
             Variables more = {}) {
    more.insert_or_assign("AWS_CONFIG_FILE", folder.write("config", config));
    more.insert_or_assign("AWS_SHARED_CREDENTIALS_FILE", folder.write("credentials", credentials));
    if (!profile.empty()) more.insert_or_assign("AWS_PROFILE", profile);
    made.emplace(context(std::move(more)));
  }
  base::Result<std::unique_ptr<auth::aws::Source>> open() {
    auto const profiles = auth::aws::load_profiles(environment);
    if (!profiles) return profiles.error();
    return auth::aws::open_profile(*made, *profiles);
  }
  std::string why_not() {
    auto const opened = open();
    if (opened) return "";
    EXPECT_EQ(opened.error().code, Errc::invalid);
    EXPECT_THAT(opened.error().message, Not(HasSubstr("hidden")));
    return opened.error().message;
  }
  // An executable that ends with `status` after printing `text`.
  std::string program(std::string const& text, int status = 0) {
    auto const path = folder.write(
        "program", "#!/bin/sh\ncat <<'END'\n" + text + "\nEND\nexit " + std::to_string(status) + "\n");
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }

  std::optional<auth::aws::Context> made;
};

// A program takes its own time.
struct ProgramsOfProfiles : ProfilesOfUsers {
  ProgramsOfProfiles() { time = &real; }
  base::RealClock real;
};

}  // namespace

TEST_F(ProfilesOfUsers, AreNotFollowedWithoutEnd) {
  std::string config;
  for (int i = 0; i < 20'000; ++i)
    config +=
        "[profile " + std::to_string(i) + "]\nrole_arn=r\nsource_profile=" + std::to_string(i + 1) + '\n';
  files(config, "", "0", {{"AWS_REGION", "eu-west-1"}});
  EXPECT_THAT(why_not(), HasSubstr("shorten the chain"));
}

TEST(SharedFiles, HaveProfilesCommentsAndNestedSettings) {
  auto const found = parse_profiles(
      "\xEF\xBB\xBF# a comment\r\n[default]\r\nregion = eu-west-1 ; here\r\n; another\n[ profile dev ]\n"
      "Role_Arn=arn#1\ns3 =\n  max_concurrent_requests = 20\n\n[sso-session x]\nsso_region = "
      "y\n[dev]\nignored = 1\n",
      File::config, "F");
  ASSERT_TRUE(found.has_value()) << found.error().message;
  ASSERT_THAT(*found, SizeIs(2));
  EXPECT_EQ(found->at("default").at("region"), "eu-west-1");
  EXPECT_EQ(found->at("dev").at("role_arn"), "arn#1");
  EXPECT_EQ(found->at("dev").count("max_concurrent_requests"), 0u);
}

TEST(SharedFiles, NameTheLineThatIsMalformedAndNotItsText) {
  for (auto const* text :
       {"[default]\nhidden\n", "[default\nhidden = 1\n", "\nhidden = 1\n", "[a]\n= hidden\n"}) {
    auto const found = parse_profiles(text, File::credentials, "/the/file");
    ASSERT_FALSE(found.has_value()) << text;
    EXPECT_THAT(found.error().message, HasSubstr("/the/file, line "));
    EXPECT_THAT(found.error().message, Not(HasSubstr("hidden")));
  }
}

TEST(SharedFiles, AreNoReasonToCrashWhateverTheyHold) {
  base::SeededRandom random(5);
  std::string_view const letters = "[]=#; \t\n\rprofile default a\xC3";
  for (int i = 0; i < 3'000; ++i) {
    std::string text;
    for (auto n = random.below(60); n > 0; --n) text += letters[random.below(letters.size())];
    (void)parse_profiles(text, random.below(2) ? File::config : File::credentials, "F");
    (void)auth::aws::split_command(text);
  }
}

TEST_F(ProfilesOfUsers, GiveTheirKeys) {
  files("[profile dev]\naws_access_key_id = A\naws_secret_access_key = stale\nregion = eu-west-1\n",
        "[dev]\naws_secret_access_key = hidden-key\naws_session_token = hidden-session\n", "dev");
  auto const source = open().value();
  auto const found = get(*source);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->access_key_id, "A");
  EXPECT_EQ(found->secret_access_key.reveal(), "hidden-key");
  EXPECT_EQ(found->session_token.reveal(), "hidden-session");
  EXPECT_FALSE(found->expires_at.has_value());
  EXPECT_EQ(source->name(), "the keys of the profile \"dev\"");
}

TEST_F(ProfilesOfUsers, AreFoundUnderHome) {
  std::filesystem::path const file = folder.write("x", "");
  std::filesystem::create_directory(file.parent_path() / ".aws");
  folder.write(".aws/credentials", "[default]\naws_access_key_id=A\naws_secret_access_key=hidden\n");
  made.emplace(context({{"HOME", file.parent_path().string()}}));
  EXPECT_EQ(get(*open().value())->access_key_id, "A");
}

TEST_F(ProfilesOfUsers, AreNotMeantWhereNobodyAsksAndTheDefaultHasNoKeys) {
  files("[default]\nregion = eu-west-1\n[profile dev]\naws_access_key_id = A\n", "", "");
  EXPECT_EQ(open().value(), nullptr);
  made.emplace(context({}));
  EXPECT_EQ(open().value(), nullptr);
  made.emplace(context({{"HOME", "/nowhere"}}));
  EXPECT_EQ(open().value(), nullptr);
}

TEST_F(ProfilesOfUsers, SayWhatIsWrongWithThem) {
  Variables const region = {{"AWS_REGION", "eu-west-1"}};
  struct Case {
    std::string settings;
    std::string words;
  };
  for (auto const& [settings, words] :
       {Case{"aws_access_key_id = A", "add aws_secret_access_key"},
        Case{"aws_secret_access_key = hidden", "add aws_access_key_id"},
        Case{"aws_access_key_id = A\naws_secret_access_key = hidden key", "aws_secret_access_key"},
        Case{"role_arn = r", "add one"},
        Case{"role_arn = r\nsource_profile = none", "\"none\" does not exist"},
        Case{"role_arn = r\nsource_profile = p", "leads back to itself"},
        Case{"role_arn = r\nsource_profile = q", "leads back to itself"},
        Case{"role_arn = r\nsource_profile = k\ncredential_source = Environment", "keep one"},
        Case{"role_arn = r\nsource_profile = k\nmfa_serial = m", "mfa_serial"},
        Case{"role_arn = r\nsource_profile = k\nduration_seconds = long", "duration_seconds"},
        Case{"role_arn = r\nsource_profile = k\nrole_session_name = a b", "role_session_name"},
        Case{"role_arn = r\ncredential_source = Moon", "unknown credential_source"},
        Case{"role_arn = r\ncredential_source = EcsContainer", "AWS_CONTAINER_CREDENTIALS_FULL_URI"},
        Case{"credential_process = \"a", "close its quotes"},
        Case{"login_session = s", "aws configure export-credentials"},
        Case{"sso_session = s", "which the config file does not have"},
        Case{"sso_start_url = s", "lacks sso_region"}, Case{"region = eu-west-1", "holds no credentials"}}) {
    files("[profile p]\n" + settings +
              "\n[profile q]\nrole_arn = r\nsource_profile = p\n[profile k]\naws_access_key_id "
              "= A\naws_secret_access_key = hidden\n",
          "", "p", region);
    EXPECT_THAT(why_not(), HasSubstr(words)) << settings;
  }
  files("", "", "dev");
  EXPECT_THAT(why_not(), HasSubstr("AWS_PROFILE"));
  files("nonsense", "", "");
  EXPECT_THAT(why_not(), HasSubstr("line 1"));
  made.emplace(context({{"AWS_CONFIG_FILE", "/nowhere/config"}}));
  EXPECT_THAT(why_not(), HasSubstr("AWS_CONFIG_FILE names /nowhere/config"));
}

TEST_F(ProfilesOfUsers, TakeARoleWithTheKeysOfAnother) {
  files(
      "[profile p]\nrole_arn = arn:r\nsource_profile = k\nexternal_id = e&x\nduration_seconds = 900\nregion "
      "= "
      "ap-south-1\nrole_session_name = me\n",
      "[k]\naws_access_key_id = AKIDK\naws_secret_access_key = hidden\n", "p");
  auto const source = open().value();
  client.reply(200, sts());
  expect_session(get(*source));
  expect_session(get(*source));
  ASSERT_THAT(client.requests, SizeIs(1));
  auto const& request = client.requests[0];
  EXPECT_EQ(request.origin.host, "sts.ap-south-1.amazonaws.com");
  EXPECT_EQ(request.body,
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Ar&RoleSessionName=me&ExternalId=e%26x"
            "&DurationSeconds=900");
  EXPECT_THAT(*request.headers.find("Authorization"), HasSubstr("Credential=AKIDK/20261122/ap-south-1/sts/"));
}

TEST_F(ProfilesOfUsers, TakeARoleWithTheirOwnKeys) {
  files("[profile p]\nrole_arn = arn:r\nsource_profile = p\n",
        "[p]\naws_access_key_id = AKIDP\naws_secret_access_key = "
        "hidden\n",
        "p", {{"AWS_REGION", "eu-west-1"}});
  client.reply(200, sts());
  expect_session(get(*open().value()));
  EXPECT_THAT(*client.requests[0].headers.find("Authorization"), HasSubstr("AKIDP"));
}

TEST_F(ProfilesOfUsers, TakeARoleByATokenFile) {
  files(
      "[profile p]\nrole_arn = arn:r\nweb_identity_token_file = " + folder.write("t", "hidden-token") + "\n",
      "", "p", {{"AWS_REGION", "eu-west-1"}});
  client.reply(200, sts());
  expect_session(get(*open().value()));
  EXPECT_THAT(client.requests[0].body, HasSubstr("WebIdentityToken=hidden-token"));
}

TEST_F(ProfilesOfUsers, ExplainWhyTheRoleIsRefused) {
  for (auto const& [code, words] :
       Variables{{"AccessDenied", "sts:AssumeRole"},
                 {"SignatureDoesNotMatch", "check the secret key"},
                 {"InvalidClientTokenId", "does not know the keys of the profile \"k\""},
                 {"ExpiredToken", "get new ones"},
                 {"ValidationError", "external_id"}}) {
    files("[profile p]\nrole_arn = arn:r\nsource_profile = k\n",
          "[k]\naws_access_key_id = A\naws_secret_access_key = "
          "hidden\n",
          "p", {{"AWS_REGION", "eu-west-1"}});
    client.reply(403, refusal(code, "hidden words"));
    auto const source = open().value();
    expect_refused(get(*source), Errc::denied, {"assume role", words});
  }
}

TEST_F(ProfilesOfUsers, FollowTheClockOfStsWhenOursIsWrong) {
  files("[profile p]\nrole_arn = arn:r\nsource_profile = k\n",
        "[k]\naws_access_key_id = A\naws_secret_access_key = "
        "hidden\n",
        "p", {{"AWS_REGION", "eu-west-1"}});
  http::Headers headers;
  headers.set("Date", "Sun, 22 Nov 2026 05:00:00 GMT");
  client.reply(403, refusal("SignatureDoesNotMatch", "Signature expired: 2026"), headers);
  client.reply(200, sts());
  expect_session(get(*open().value()));
  EXPECT_THAT(*client.requests[1].headers.find("X-Amz-Date"), HasSubstr("20261122T05"));
}

TEST_F(ProgramsOfProfiles, GiveWhatTheyPrint) {
  auto const path = program(R"({"Version":1,"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"hidden-key",)"
                            R"("SessionToken":"hidden-session","Expiration":"2026-11-22T02:00:00+00:00"})");
  files("[profile p]\ncredential_process = \"" + path + "\" --for 'me too'\n", "", "p",
        {{"PATH", "/usr/bin:/bin"}});
  expect_session(get(*open().value()));
}

TEST_F(ProgramsOfProfiles, AreNamedWithTheWayTheyFailed) {
  struct Case {
    std::string text;
    int status;
    std::string words;
  };
  for (auto const& [text, status, words] :
       {Case{"hidden", 3, "ended with status 3"}, Case{"hidden", 0, "did not print credentials"},
        Case{R"({"Version":2,"AccessKeyId":"A","SecretAccessKey":"hidden"})", 0, "Version 1"},
        Case{R"({"Version":1,"AccessKeyId":"A"})", 0, "SecretAccessKey"}}) {
    auto const path = program(text, status);
    files("[profile p]\ncredential_process = " + path + "\n", "", "p", {{"PATH", "/usr/bin:/bin"}});
    auto const source = open().value();
    expect_refused(get(*source), Errc::denied, {"the profile \"p\"", path, words});
  }
  files("[profile p]\ncredential_process = /nowhere/program\n", "", "p");
  auto const source = open().value();
  expect_refused(get(*source), Errc::denied, {"/nowhere/program", "gave no credentials"});
}

TEST(CredentialProcess, IsSplitIntoWordsAsAShellWould) {
  EXPECT_THAT(auth::aws::split_command(R"(a "b c" 'd "e' f\ g "h\"i" "")").value(),
              ElementsAre("a", "b c", "d \"e", "f g", "h\"i", ""));
  EXPECT_FALSE(auth::aws::split_command("a \"b").has_value());
  EXPECT_FALSE(auth::aws::split_command("  ").has_value());
}
