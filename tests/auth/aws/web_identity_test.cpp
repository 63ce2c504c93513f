#include "auth/aws/web_identity.hpp"

#include "identity_fixture.hpp"

using auth::aws::WebIdentity;
using base::Errc;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

namespace {

struct WebIdentities : Identity {
  WebIdentity source(Variables more = {}) {
    Variables variables = {{"AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/edw"},
                           {"AWS_WEB_IDENTITY_TOKEN_FILE", token_file},
                           {"AWS_REGION", "eu-west-1"}};
    for (auto& [name, value] : more) variables.insert_or_assign(name, value);
    auto const made = context(variables);
    auto settings = WebIdentity::settings(environment).value();
    return {made, settings, auth::aws::sts_endpoint(environment, "").value()};
  }
  std::string token_file = folder.write("token", "hidden-token\n");
};

}  // namespace

TEST_F(WebIdentities, ExchangeTheTokenAtTheRegionalEndpointUnsigned) {
  auto made = source({{"AWS_ROLE_SESSION_NAME", "me@here"}});
  client.reply(200, sts());
  expect_session(get(made));
  ASSERT_THAT(client.requests, SizeIs(1));
  auto const& request = client.requests[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.origin.to_string(), "https://sts.eu-west-1.amazonaws.com");
  EXPECT_EQ(request.body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%"
            "3Arole%2F"
            "edw&RoleSessionName=me%40here&WebIdentityToken=hidden-token");
  EXPECT_EQ(*request.headers.find("Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_FALSE(request.headers.find("Authorization"));
}

TEST_F(WebIdentities, MakeASessionNameFromTheTime) {
  auto made = source();
  client.reply(200, sts());
  expect_session(get(made));
  EXPECT_THAT(client.requests[0].body, HasSubstr("RoleSessionName=edw-1795309200&"));
}

TEST_F(WebIdentities, ReadTheTokenFileAtEachExchange) {
  auto made = source();
  client.reply(200, sts());
  client.reply(200, sts());
  expect_session(get(made));
  folder.write("token", "hidden-renewed");
  expect_session(get(made));
  EXPECT_THAT(client.requests[1].body, HasSubstr("WebIdentityToken=hidden-renewed"));
}

TEST_F(WebIdentities, GoToAnOverride) {
  auto made =
      source({{"AWS_ENDPOINT_URL_STS", "http://127.0.0.1:5000/sts"}, {"AWS_ENDPOINT_URL", "https://other"}});
  client.reply(200, sts());
  expect_session(get(made));
  EXPECT_EQ(client.requests[0].origin.to_string(), "http://127.0.0.1:5000");
  EXPECT_EQ(client.requests[0].target, "/sts");
}

TEST_F(WebIdentities, SayWhichFileHasNoToken) {
  struct Case {
    std::string path;
    std::string words;
  };
  for (auto const& [path, words] :
       {Case{"/nowhere/token", "can't be read"}, Case{folder.write("empty", " \n"), "is empty"},
        Case{folder.write("two", "hidden a\nhidden b\n"), "holds a space"},
        Case{folder.write("big", std::string(70'000, 'h')), "over 64 KiB"}}) {
    auto made = source({{"AWS_WEB_IDENTITY_TOKEN_FILE", path}});
    expect_refused(get(made), Errc::denied, {"web identity", "AWS_WEB_IDENTITY_TOKEN_FILE", path, words});
  }
  EXPECT_THAT(client.requests, SizeIs(0));
}

TEST_F(WebIdentities, ExplainEachRefusalOfSts) {
  for (auto const& [code, words] : Variables{{"ExpiredTokenException", "has expired"},
                                             {"IDPRejectedClaim", "rejected by its issuer"},
                                             {"RegionDisabledException", "switched off"},
                                             {"ValidationError", "check AWS_ROLE_ARN"}}) {
    auto made = source();
    client.reply(400, refusal(code, "Value 'hidden-token' at 'webIdentityToken' is bad"));
    auto const found = get(made);
    expect_refused(found, Errc::denied, {"web identity", words});
    EXPECT_EQ(found.error().service_code, code);
  }
  EXPECT_THAT(client.requests, SizeIs(4));
}

TEST_F(WebIdentities, TryAgainWhileANewRoleSpreads) {
  auto made = source();
  client.reply(400, refusal("InvalidIdentityToken", "No OpenIDConnect provider found in your account"));
  client.reply(403, refusal("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"));
  client.reply(400, refusal("IDPCommunicationError"));
  client.reply(200, sts());
  expect_session(get(made));
  EXPECT_THAT(client.requests, SizeIs(4));
}

TEST_F(WebIdentities, DoNotTryForEverAndReadTheFileEachTime) {
  for (auto const& [code, words] :
       Variables{{"InvalidIdentityToken", "IAM identity provider"}, {"AccessDenied", "trust policy"}}) {
    auto made = source();
    client.requests.clear();
    for (int i = 0; i < 40; ++i)
      client.reply_with([this, code](http::Request const&) {
        folder.write("token", "hidden-next-token");
        http::Response response;
        response.status = 400;
        response.body = refusal(code, "hidden-token");
        return base::Result<http::Response>(response);
      });
    auto const begun = clock.steady();
    expect_refused(get(made), Errc::denied, {"web identity", words});
    EXPECT_LE(clock.steady() - begun, WebIdentity::window);
    EXPECT_GT(clock.steady() - begun, WebIdentity::window / 2);
    EXPECT_GT(client.requests.size(), 3U);
    EXPECT_THAT(client.requests.back().body, HasSubstr("hidden-next-token"));
    client.clear();
  }
}

TEST_F(WebIdentities, CallATroubleThatPassesTransient) {
  auto made = source();
  client.reply(503, refusal("ServiceUnavailable"));
  expect_refused(get(made), Errc::transient, {"web identity", "https://sts.eu-west-1.amazonaws.com"});
  for (int i = 0; i < 40; ++i) client.reply(400, refusal("IDPCommunicationError"));
  expect_refused(get(made), Errc::transient, {"web identity"});
  client.clear();
  client.reply(400, refusal("Throttling"));
  expect_refused(get(made), Errc::throttled, {"web identity"});
  client.fail(base::Error(Errc::too_large, "ask for less"));
  expect_refused(get(made), Errc::transient, {"web identity", "far too large", "AWS_ENDPOINT_URL"});
  client.fail(base::Error(Errc::transient, "connection refused"));
  expect_refused(get(made), Errc::transient, {"web identity", "connection refused"});
}

TEST_F(WebIdentities, TakeRubbishForAReplyThatMakesNoSense) {
  for (auto const& body : {std::string(), std::string("<html>hello</html>"), std::string("{}"),
                           sts("ASIA\nEXAMPLE"), sts("ASIAEXAMPLE", "tomorrow"), sts("ASIAEXAMPLE", ""),
                           sts("").substr(0, 150), std::string(1'000, '\xFF')}) {
    auto made = source();
    client.reply(200, body);
    expect_refused(get(made), Errc::transient, {"makes no sense", "AWS_ENDPOINT_URL_STS"});
  }
  auto made = source();
  client.reply(404, "<html>not here</html>");
  expect_refused(get(made), Errc::transient, {"makes no sense"});
}

TEST_F(WebIdentities, NameTheHalfThatIsMissing) {
  context({{"AWS_ROLE_ARN", "arn"}});
  EXPECT_TRUE(WebIdentity::configured(environment));
  EXPECT_THAT(WebIdentity::settings(environment).error().message,
              HasSubstr("AWS_WEB_IDENTITY_TOKEN_FILE is not"));
  context({{"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"}});
  EXPECT_TRUE(WebIdentity::configured(environment));
  EXPECT_THAT(WebIdentity::settings(environment).error().message, HasSubstr("AWS_ROLE_ARN is not"));
}

TEST_F(WebIdentities, RefuseABadSessionName) {
  context({{"AWS_ROLE_ARN", "arn"}, {"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"}, {"AWS_ROLE_SESSION_NAME", "a b"}});
  EXPECT_THAT(WebIdentity::settings(environment).error().message, HasSubstr("AWS_ROLE_SESSION_NAME"));
}

TEST_F(WebIdentities, NeverSendTheTokenUnencryptedToAnotherMachine) {
  context({{"AWS_REGION", "eu-west-1"}, {"AWS_ENDPOINT_URL", "http://localstack:4566"}});
  auto const endpoint = auth::aws::sts_endpoint(environment, "");
  ASSERT_FALSE(endpoint.has_value());
  EXPECT_THAT(endpoint.error().message, HasSubstr("unencrypted"));
}

TEST_F(WebIdentities, FindTheRegionOrSayWhatToSet) {
  context({{"AWS_DEFAULT_REGION", "cn-north-1"}});
  EXPECT_EQ(auth::aws::sts_endpoint(environment, "eu-west-1")->origin.host,
            "sts.cn-north-1.amazonaws.com.cn");
  context({});
  EXPECT_EQ(auth::aws::sts_endpoint(environment, "eu-west-1")->origin.host, "sts.eu-west-1.amazonaws.com");
  EXPECT_THAT(auth::aws::sts_endpoint(environment, "").error().message, HasSubstr("AWS_REGION"));
  context({{"AWS_REGION", "here"}});
  EXPECT_THAT(auth::aws::sts_endpoint(environment, "").error().message, HasSubstr("AWS_REGION is \"here\""));
}
