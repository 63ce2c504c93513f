#include "auth/azure/claims.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"

using auth::azure::AccessToken;
using auth::azure::principal_of;

namespace {

AccessToken token_of(std::string const& claims) {
  AccessToken token;
  auto payload = base::base64_encode(claims);
  while (payload.ends_with('=')) payload.pop_back();
  for (char& c : payload) c = c == '+' ? '-' : c == '/' ? '_' : c;
  token.token = base::Secret("e30." + payload + ".signature");
  return token;
}

}  // namespace

TEST(Claims, TellAnApplicationFromAPerson) {
  auto const application = principal_of(token_of(R"({"oid":"0a1b-2c","idtyp":"app","x":"???>>>"})"));
  ASSERT_TRUE(application);
  EXPECT_EQ(application->object_id, "0a1b-2c");
  EXPECT_FALSE(application->person);
  auto const person = principal_of(token_of(R"({"oid":"0a1b-2c","scp":"user_impersonation"})"));
  ASSERT_TRUE(person);
  EXPECT_TRUE(person->person);
}

TEST(Claims, AreNoneInWhatIsNoToken) {
  for (auto const* text : {"", "opaque", "a.b", "a.!!!.c", "..", "a.e30.c"}) {
    AccessToken token;
    token.token = base::Secret(text);
    EXPECT_FALSE(principal_of(token)) << text;
  }
  EXPECT_FALSE(principal_of(token_of(R"(["oid"])")));
}

TEST(Claims, NeverCarryACommandIntoTheCommandLineShown) {
  EXPECT_FALSE(principal_of(token_of(R"x({"oid":"$(reboot)"})x")));
}
