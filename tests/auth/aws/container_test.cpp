#include "auth/aws/container.hpp"

#include "identity_fixture.hpp"

using auth::aws::Container;
using base::Errc;
using testing::HasSubstr;
using testing::SizeIs;

namespace {

struct Containers : Identity {
  Container source(Variables variables) {
    auto const made = context(std::move(variables));
    return {made, Container::url(environment).value()};
  }
  std::string why_not(std::string const& url) {
    context({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url}});
    auto const found = Container::url(environment);
    return found ? std::string() : found.error().message;
  }
};

constexpr auto full_uri = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

}  // namespace

TEST_F(Containers, SendTheTokenOfTheFileAsItIsNow) {
  auto const file = folder.write("token", "hidden-one\n");
  auto made = source({{full_uri, "http://169.254.170.23/v1/credentials"},
                      {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file},
                      {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "hidden-other"}});
  client.reply(200, json());
  client.reply(200, json());
  expect_session(get(made));
  folder.write("token", "hidden-two\n");
  expect_session(get(made));
  EXPECT_EQ(client.requests[0].origin.to_string(), "http://169.254.170.23");
  EXPECT_EQ(client.requests[0].target, "/v1/credentials");
  EXPECT_EQ(*client.requests[0].headers.find("Authorization"), "hidden-one");
  EXPECT_EQ(*client.requests[1].headers.find("Authorization"), "hidden-two");
}

TEST_F(Containers, AskTheTaskEndpointForARelativePathWithoutAToken) {
  auto made = source(
      {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials?id=7"}, {full_uri, "http://elsewhere/"}});
  client.reply(200, json());
  expect_session(get(made));
  EXPECT_EQ(client.requests[0].origin.to_string(), "http://169.254.170.2");
  EXPECT_EQ(client.requests[0].target, "/v2/credentials?id=7");
  EXPECT_FALSE(client.requests[0].headers.find("Authorization"));
}

TEST_F(Containers, GoOnlyToHostsThatAreAllowed) {
  for (auto const* url : {"https://anywhere.example/x", "http://127.0.0.1:8080/x", "http://localhost/x",
                          "http://[::1]/x", "http://169.254.170.2/x", "http://169.254.170.23/x",
                          "http://[fd00:ec2::23]/x", "http://[fd00:0ec2:0:0:0:0:0:23]/x"})
    EXPECT_EQ(why_not(url), "") << url;
  for (auto const* url :
       {"http://evil.example/x", "http://169.254.169.254/x", "http://169.254.170.2.evil.example/x",
        "http://127.0.0.1.evil.example/x", "http://[fd00:ec2::254]/x", "http://10.0.0.1/x"})
    EXPECT_THAT(why_not(url), HasSubstr("no token is sent there")) << url;
  for (auto const* url : {"/relative", "ftp://127.0.0.1/", "http://u:hidden@127.0.0.1/", "http://"})
    EXPECT_THAT(why_not(url), HasSubstr(full_uri)) << url;
}

TEST_F(Containers, NameTheVariableWhoseTokenIsNone) {
  auto missing =
      source({{full_uri, "http://localhost/"}, {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/nowhere"}});
  expect_refused(get(missing), Errc::denied, {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/nowhere"});
  auto broken =
      source({{full_uri, "http://localhost/"}, {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "hidden\r\nHost: x"}});
  expect_refused(get(broken), Errc::denied, {"AWS_CONTAINER_AUTHORIZATION_TOKEN holds"});
  EXPECT_THAT(client.requests, SizeIs(0));
}

TEST_F(Containers, ExplainEachRefusal) {
  struct Case {
    int status;
    Errc code;
    std::string words;
  };
  for (auto const& [status, code, words] :
       {Case{401, Errc::denied, "pod identity association"}, Case{403, Errc::denied, "refused the token"},
        Case{404, Errc::denied, "none at that path"}, Case{429, Errc::throttled, "throttles"},
        Case{500, Errc::transient, "could not give any now"}, Case{302, Errc::transient, "makes no sense"}}) {
    auto made = source({{full_uri, "http://localhost/"}, {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "hidden"}});
    client.reply(status, R"({"code":"X","message":"hidden"})");
    expect_refused(get(made), code, {"container credentials", words});
  }
}

TEST_F(Containers, TakeRubbishForAReplyThatMakesNoSense) {
  for (auto const* body :
       {"", "[]", "hello", R"({"AccessKeyId":"A"})", R"({"AccessKeyId":"A","SecretAccessKey":7})",
        R"({"AccessKeyId":"A","SecretAccessKey":"hidden"})",
        R"({"AccessKeyId":"A","SecretAccessKey":"hidden","Token":"hidden\n"})",
        R"({"AccessKeyId":"A","SecretAccessKey":"hidden","Token":"hidden","Expiration":"x"})"}) {
    auto made = source({{full_uri, "http://localhost/"}});
    client.reply(200, body);
    expect_refused(get(made), Errc::transient, {"makes no sense"});
  }
}
