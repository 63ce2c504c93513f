#include "auth/aws/credentials.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/run.hpp"

using auth::aws::EnvironmentSource;
using testing::HasSubstr;

namespace {

base::Result<auth::aws::Credentials> from(std::map<std::string, std::string, std::less<>> variables) {
  base::Environment const environment(std::move(variables));
  EnvironmentSource source(environment);
  return fakes::run(source.get());
}

}  // namespace

TEST(EnvironmentSource, TakesThePair) {
  auto const found = from({{"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"}, {"AWS_SECRET_ACCESS_KEY", "shh"}});
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->access_key_id, "AKIDEXAMPLE");
  EXPECT_EQ(found->secret_access_key.reveal(), "shh");
  EXPECT_TRUE(found->session_token.empty());
  EXPECT_FALSE(found->expires_at.has_value());
}

TEST(EnvironmentSource, TakesTheSessionToken) {
  auto const found =
      from({{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "shh"}, {"AWS_SESSION_TOKEN", "token"}});
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->session_token.reveal(), "token");
}

TEST(EnvironmentSource, NamesTheHalfThatIsMissing) {
  auto const no_secret = from({{"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"}});
  ASSERT_FALSE(no_secret.has_value());
  EXPECT_EQ(no_secret.error().code, base::Errc::denied);
  EXPECT_THAT(no_secret.error().message, HasSubstr("AWS_SECRET_ACCESS_KEY is not"));
  auto const no_id = from({{"AWS_SECRET_ACCESS_KEY", "shh"}});
  ASSERT_FALSE(no_id.has_value());
  EXPECT_THAT(no_id.error().message, HasSubstr("AWS_ACCESS_KEY_ID is not"));
}

TEST(EnvironmentSource, SaysWhatToSetWhereThereIsNothing) {
  auto const found = from({});
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code, base::Errc::denied);
  EXPECT_THAT(found.error().message, HasSubstr("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"));
}

TEST(EnvironmentSource, RefusesALineBreakWithoutShowingTheSecret) {
  auto const found = from({{"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"}, {"AWS_SECRET_ACCESS_KEY", "shh\n"}});
  ASSERT_FALSE(found.has_value());
  EXPECT_THAT(found.error().message, HasSubstr("AWS_SECRET_ACCESS_KEY holds"));
  EXPECT_THAT(found.error().message, testing::Not(HasSubstr("shh")));
}
