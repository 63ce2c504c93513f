#include <filesystem>

#include "auth/azure/world.hpp"

using base::Errc;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using namespace std::chrono_literals;

namespace {

class AzureCli : public World {
 protected:
  AzureCli() {
    clock_used = &real;
    set("AZURE_TOKEN_CREDENTIALS", "dev");
  }
  void az(std::string const& script) {
    std::filesystem::path const path = folder.write("az", "#!/bin/sh\n" + script + '\n');
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    set("PATH", path.parent_path().string() + ":/usr/bin:/bin");
  }
  base::RealClock real;
};

}  // namespace

TEST_F(AzureCli, TakesTheTokenOfThePersonLoggedIn) {
  az("test \"$*\" = 'account get-access-token --output json --resource https://storage.azure.com/' || exit "
     "9\n"
     "echo '{\"accessToken\":\"access-token\",\"expiresOn\":\"2026-01-01 "
     "00:00:00.000000\",\"expires_on\":4000000000}'");
  auto const token = get();
  ASSERT_TRUE(token) << describe(token.error());
  EXPECT_EQ(token->token.reveal(), "access-token");
  EXPECT_EQ(token->expires_at, base::System(4'000'000'000s));
  EXPECT_EQ(identity().description(), "the login of the Azure CLI");
  EXPECT_THAT(client.requests, IsEmpty());
  EXPECT_THAT(log.all, Not(HasSubstr("access-token")));
}

TEST_F(AzureCli, AsksAgainSoonWhereAnOldAzSaysTheEndInLocalTime) {
  az("echo '{\"accessToken\":\"access-token\",\"expiresOn\":\"2026-01-01 00:00:00.000000\"}'");
  auto const token = get().value();
  EXPECT_LE(*token.expires_at - real.system(), 5min);
  EXPECT_GT(*token.expires_at - real.system(), 4min);
}

TEST_F(AzureCli, SaysThatItIsNotInstalled) {
  EXPECT_THAT(failure(), HasSubstr("Azure CLI (there is no program \"az\" in PATH)"));
}

TEST_F(AzureCli, SaysThatNobodyIsLoggedIn) {
  az("echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1");
  EXPECT_THAT(failure(), HasSubstr("run az login"));
}

TEST_F(AzureCli, PassesOnWhatItSaysOfAnotherFailureButNoToken) {
  az("echo 'ERROR: the extension is broken' >&2; exit 2");
  EXPECT_THAT(failure(), AllOf(HasSubstr("status 2, ERROR: the extension is broken")));
}

TEST_F(AzureCli, ShowsNoTokenOfAnErrorMessage) {
  az("echo 'ERROR: eyJsecret' >&2; exit 2");
  EXPECT_THAT(failure(), AllOf(HasSubstr("status 2"), Not(HasSubstr("eyJ"))));
}

TEST_F(AzureCli, IsNotFooledByRubbish) {
  az("echo 'WARNING: something'");
  EXPECT_THAT(failure(), HasSubstr("Azure CLI answered something that is no token"));
}
