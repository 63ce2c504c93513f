#include <filesystem>

#include "auth/azure/world.hpp"

using base::Errc;
using base::Error;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using namespace std::chrono_literals;

namespace {

class WorkloadIdentity : public World {
 protected:
  WorkloadIdentity() {
    application();
    token_file("  projected-token\n");
  }
};

}  // namespace

TEST_F(WorkloadIdentity, ExchangesTheProjectedTokenForAnAccessToken) {
  client.reply(200, reply_of("access-token"));
  auto const token = get().value();
  EXPECT_EQ(token.token.reveal(), "access-token");
  EXPECT_EQ(token.expires_at, clock.system() + 1h);
  ASSERT_THAT(client.requests, SizeIs(1));
  auto const& request = client.requests[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.origin.to_string(), "https://login.microsoftonline.com");
  EXPECT_EQ(request.target, "/my-tenant/oauth2/v2.0/token");
  EXPECT_EQ(*request.headers.find("Content-Type"), "application/x-www-form-urlencoded");
  std::map<std::string, std::string> const expected{
      {"grant_type", "client_credentials"},
      {"client_id", "my-client"},
      {"scope", "https://storage.azure.com/.default"},
      {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
      {"client_assertion", "projected-token"}};
  EXPECT_EQ(form_of(request), expected);
  EXPECT_EQ(identity().description(), "the workload identity my-client");
}

TEST_F(WorkloadIdentity, AsksTheAuthorityOfASovereignCloud) {
  set("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/");
  client.reply(200, reply_of("t"));
  ASSERT_TRUE(get());
  EXPECT_EQ(client.requests[0].origin.to_string(), "https://login.microsoftonline.us");
  EXPECT_EQ(client.requests[0].target, "/my-tenant/oauth2/v2.0/token");
}

TEST_F(WorkloadIdentity, SendsNoProofOverPlainHttp) {
  set("AZURE_AUTHORITY_HOST", "http://login.example.com");
  EXPECT_THAT(failure(), HasSubstr("AZURE_AUTHORITY_HOST must begin with https://"));
  EXPECT_THAT(client.requests, IsEmpty());
}

TEST_F(WorkloadIdentity, ReadsTheFileAtEachExchange) {
  client.reply(200, reply_of("first"));
  ASSERT_TRUE(get());
  token_file("rotated");
  clock.advance(2h);
  client.reply(200, reply_of("second"));
  EXPECT_EQ(get().value().token.reveal(), "second");
  EXPECT_EQ(form_of(client.requests.at(1)).at("client_assertion"), "rotated");
}

TEST_F(WorkloadIdentity, NamesTheFilesVariableWhereItIsMissingOrEmptyOrNoToken) {
  token_file(" \n");
  EXPECT_THAT(failure(), testing::AllOf(HasSubstr("AZURE_FEDERATED_TOKEN_FILE"), HasSubstr("it is empty")));
  clock.advance(1h);
  token_file("two tokens");
  EXPECT_THAT(failure(), testing::AllOf(HasSubstr("AZURE_FEDERATED_TOKEN_FILE"), HasSubstr("something else"),
                                        Not(HasSubstr("two tokens"))));
  clock.advance(1h);
  std::filesystem::remove(variables["AZURE_FEDERATED_TOKEN_FILE"]);
  EXPECT_THAT(failure(), testing::AllOf(HasSubstr("AZURE_FEDERATED_TOKEN_FILE"), HasSubstr("can't be read")));
  clock.advance(1h);
  set("AZURE_FEDERATED_TOKEN_FILE", "/");
  EXPECT_THAT(failure(), HasSubstr("can't be read"));
  EXPECT_THAT(client.requests, IsEmpty());
}

TEST_F(WorkloadIdentity, NamesAVariableThatIsMissing) {
  set("AZURE_CLIENT_ID", "");
  EXPECT_THAT(failure(), HasSubstr("workload identity needs AZURE_CLIENT_ID"));
  clock.advance(1h);
  set("AZURE_TENANT_ID", "a/b");
  EXPECT_THAT(failure(), HasSubstr("can't use AZURE_TENANT_ID"));
  EXPECT_THAT(client.requests, IsEmpty());
}

TEST_F(WorkloadIdentity, TriesAgainWhileANewFederationSpreads) {
  client.reply(400, refusal("700213", "No matching federated identity record found."));
  client.reply(401, refusal("70021", "No matching federated identity record found."));
  client.reply(200, reply_of("at-last"));
  EXPECT_EQ(get().value().token.reveal(), "at-last");
  EXPECT_THAT(client.requests, SizeIs(3));
  EXPECT_THAT(log.all, HasSubstr("trying again for up to 60 s"));
}

TEST_F(WorkloadIdentity, DoesNotTryForEver) {
  for (int i = 0; i < 20; ++i)
    client.reply(400, refusal("700213", "No matching record for subject 'system:serviceaccount:a:b'."));
  auto const begun = clock.steady();
  auto const token = get();
  ASSERT_FALSE(token);
  EXPECT_LE(clock.steady() - begun, 61s);
  EXPECT_LT(client.requests.size(), 12U);
  EXPECT_EQ(token.error().code, Errc::denied);
  EXPECT_EQ(token.error().service_code, "AADSTS700213");
  EXPECT_THAT(token.error().message,
              testing::AllOf(HasSubstr("workload identity was refused a token"),
                             HasSubstr("'system:serviceaccount:a:b'"),
                             HasSubstr("api://AzureADTokenExchange"), Not(HasSubstr("Trace ID"))));
}

TEST_F(WorkloadIdentity, SaysWhatToDoNextForAnApplicationThatIsNotThere) {
  client.reply(400, refusal("700016", "Application with identifier 'my-client' was not found."));
  EXPECT_THAT(failure(), testing::AllOf(HasSubstr("AADSTS700016"), HasSubstr("check AZURE_CLIENT_ID")));
  EXPECT_THAT(client.requests, SizeIs(1));
}

TEST_F(WorkloadIdentity, NeverShowsATokenThatTheAuthorityEchoes) {
  client.reply(400, refusal("50027", "The token projected-token is malformed."));
  EXPECT_THAT(failure(), testing::AllOf(HasSubstr("AADSTS50027"), Not(HasSubstr("projected-token"))));
  clock.advance(1h);
  client.reply(400, refusal("50027", "JWT eyJabc.eyJdef is malformed."));
  EXPECT_THAT(failure(), testing::AllOf(HasSubstr("AADSTS50027"), Not(HasSubstr("eyJ"))));
  EXPECT_THAT(log.all, Not(HasSubstr("projected-token")));
}

TEST_F(WorkloadIdentity, TellsADownAuthorityFromARefusal) {
  for (int i = 0; i < 3; ++i) client.reply(503, "<html>");
  auto const token = get();
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code, Errc::transient);
  EXPECT_THAT(token.error().message, HasSubstr("HTTP 503"));
  clock.advance(1h);
  for (int i = 0; i < 3; ++i) client.fail(Error(Errc::transient, "the connection broke"));
  EXPECT_THAT(failure(), HasSubstr("workload identity got no token: the connection broke"));
}

TEST_F(WorkloadIdentity, IsNotFooledByRubbish) {
  for (auto const* body : {"", "[]", "{}", "{\"access_token\":\"\"}", "{\"access_token\":\"a b\"}",
                           "{\"access_token\":7}", "<html>", "{\"access_token\":\"a\\r\\nX: y\"}"}) {
    client.reply(200, body);
    auto const token = get();
    ASSERT_FALSE(token) << body;
    EXPECT_EQ(token.error().code, Errc::transient) << body;
    EXPECT_THAT(token.error().message, HasSubstr("no token")) << body;
    clock.advance(1h);
  }
  client.reply(200, R"({"access_token":"t","expires_in":-5})");
  EXPECT_EQ(get().value().expires_at, clock.system() + 5min);
}

TEST_F(WorkloadIdentity, CallsAHugeAnswerNoToken) {
  client.fail(Error(Errc::too_large, "ask for less"));
  EXPECT_THAT(failure(), testing::AllOf(HasSubstr("workload identity"), HasSubstr("far too large"),
                                        HasSubstr("AZURE_AUTHORITY_HOST")));
}

// Real time and a real service that ends tokens stand in test_token_life.py: here it is a day of hourly
// tokens.
TEST_F(WorkloadIdentity, CarriesARunOfTwentyLivesOfATokenThroughAnUnreliableAuthority) {
  int issued = 0;
  int failed = 0;
  std::map<std::string, base::System> ends;
  base::SeededRandom chance{7};
  for (int i = 0; i < 500; ++i)
    client.reply_with([&](http::Request const&) -> base::Result<http::Response> {
      if (issued > 0 && chance.unit() < 0.3) return ++failed, Error(Errc::transient, "the connection broke");
      auto const token = "token-" + std::to_string(++issued);
      ends[token] = clock.system() + 1h;
      http::Response response;
      response.status = 200;
      response.body = reply_of(token);
      return response;
    });
  for (int minute = 0; minute < 20 * 60; ++minute) {
    auto const token = get();
    ASSERT_TRUE(token) << minute << ": " << describe(token.error());
    ASSERT_LT(clock.system(), ends.at(token->token.reveal())) << "an expired one is served";
    clock.advance(1min);
  }
  EXPECT_GE(issued, 20);
  EXPECT_LE(issued, 27) << "each is used for three quarters of its life";
  EXPECT_GT(failed, 3) << "the authority was not that unreliable";
}

TEST_F(WorkloadIdentity, LeavesNoTokenInTheLogs) {
  http::Headers headers;
  headers.set("Set-Cookie", "fpc=cookie-value");
  client.reply(200, reply_of("access-token"), headers);
  ASSERT_TRUE(get());
  EXPECT_THAT(log.all, HasSubstr("GetToken POST https://login.microsoftonline.com: 200"));
  for (auto const* secret : {"projected-token", "access-token", "cookie-value", "client_assertion"})
    EXPECT_THAT(log.all, Not(HasSubstr(secret)));
}
