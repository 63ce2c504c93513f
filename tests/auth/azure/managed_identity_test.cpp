#include "auth/azure/world.hpp"

using base::Errc;
using base::Error;
using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;
using namespace std::chrono_literals;

namespace {

class ManagedIdentity : public World {
 protected:
  std::string reply_until(base::System end) {
    return R"({"access_token":"access-token","expires_in":"86399","expires_on":")" +
           std::to_string(std::chrono::duration_cast<std::chrono::seconds>(end.time_since_epoch()).count()) +
           "\"}";
  }
  void alone() { set("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential"); }
};

}  // namespace

TEST_F(ManagedIdentity, AsksTheMetadataService) {
  auto const end = clock.system() + 10min;
  client.reply(200, reply_until(end));
  auto const token = get().value();
  EXPECT_EQ(token.token.reveal(), "access-token");
  EXPECT_EQ(token.expires_at, end) << "expires_in counts from when the token was issued, perhaps long ago";
  auto const& request = client.requests.at(0);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.origin.to_string(), "http://169.254.169.254");
  EXPECT_EQ(request.target,
            "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2F"
            "storage.azure.com%2F");
  EXPECT_EQ(*request.headers.find("Metadata"), "true");
  EXPECT_EQ(request.timeouts.connect, 1s);
  EXPECT_EQ(identity().description(), "this machine's managed identity");
}

TEST_F(ManagedIdentity, NamesAUserAssignedOneAndAnotherHost) {
  set("AZURE_CLIENT_ID", "my-client");
  set("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:4711/");
  client.reply(200, reply_until(clock.system() + 1h));
  ASSERT_TRUE(get());
  EXPECT_EQ(client.requests.at(0).origin.to_string(), "http://127.0.0.1:4711");
  EXPECT_THAT(client.requests.at(0).target, HasSubstr("&client_id=my-client"));
}

TEST_F(ManagedIdentity, IsProbedOnceWhereNothingAnswers) {
  client.fail(Error(Errc::transient, "no connection"));
  EXPECT_THAT(failure(), HasSubstr("no metadata service answers at http://169.254.169.254 within 1 s"));
  EXPECT_THAT(client.requests, SizeIs(1));
}

TEST_F(ManagedIdentity, IsPassedOverWhereThisMachineHasNone) {
  client.reply(400, R"({"error":"invalid_request","error_description":"Identity not found"})");
  EXPECT_THAT(failure(), AllOf(HasSubstr("Identity not found"), HasSubstr("assign an identity"),
                               HasSubstr("Azure CLI (there is no program")));
}

TEST_F(ManagedIdentity, IsWaitedForWhereItIsBusy) {
  client.reply(410);
  client.reply(429);
  client.reply(200, reply_until(clock.system() + 1h));
  EXPECT_TRUE(get());
  EXPECT_THAT(client.requests, SizeIs(3));
}

TEST_F(ManagedIdentity, IsAskedPatientlyWhereItIsTheOnlyOne) {
  alone();
  client.reply(404);
  client.fail(Error(Errc::transient, "no connection"));
  client.reply(200, reply_until(clock.system() + 1h));
  EXPECT_TRUE(get());
  EXPECT_EQ(client.requests.at(0).timeouts.connect, http::Timeouts().connect);
}

TEST_F(ManagedIdentity, IsAskedPatientlyOnceItHasGivenAToken) {
  client.reply(200, reply_until(clock.system() + 1h));
  ASSERT_TRUE(get());
  clock.advance(2h);
  client.fail(Error(Errc::transient, "no connection"));
  client.reply(200, reply_until(clock.system() + 1h));
  EXPECT_TRUE(get());
}

TEST_F(ManagedIdentity, FailsWhereItIsTheOnlyOneAndThereIsNone) {
  alone();
  set("AZURE_CLIENT_ID", "my-client");
  client.reply(400, R"({"error":"invalid_request","error_description":"Identity not found"})");
  auto const token = get();
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code, Errc::denied);
  EXPECT_THAT(token.error().message, HasSubstr("assign the identity of AZURE_CLIENT_ID"));
}
