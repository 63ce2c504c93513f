// Stand-ins for the instance metadata and the container's endpoint, over a real connection.
#include "auth/aws/chain.hpp"
#include "auth/aws/replies.hpp"
#include "fakes/server.hpp"
#include "http/curl/client.hpp"
#include "http/logging.hpp"
#include "http/retrying.hpp"
#include "identity_fixture.hpp"

using base::Errc;
using fakes::response;
using testing::HasSubstr;
using testing::SizeIs;
using namespace std::chrono_literals;

namespace {

struct Endpoints : Identity {
  void TearDown() override {
    EXPECT_THAT(lines.text, HasSubstr("127.0.0.1"));
    EXPECT_THAT(lines.text, testing::Not(HasSubstr("hidden")));
  }
  std::unique_ptr<auth::aws::Source> chain(Variables variables) {
    environment = base::Environment(std::move(variables));
    http::curl::Settings const settings;
    wire = http::curl::Client::make(loop.get_executor(), settings, environment, log).value();
    logging = std::make_unique<http::Logging>(*wire, real, lines);
    retrying = std::make_unique<http::Retrying>(*logging, auth::aws::policy(), quota, real, random, lines);
    return auth::aws::make_chain({*retrying, *logging, real, random, environment, lines, "eu-west-1"});
  }

  base::RealClock real;
  http::RetryQuota quota;
  fakes::Server server{loop};
  std::unique_ptr<http::curl::Client> wire;
  std::unique_ptr<http::Logging> logging;
  std::unique_ptr<http::Retrying> retrying;
  Lines lines;
};

}  // namespace

TEST_F(Endpoints, OfAnInstanceGiveItsRole) {
  server.reply([](fakes::Received const& request) {
    if (request.method == "PUT" && request.target == "/latest/api/token") return response(200, "hidden-imds");
    auto const token = request.headers.find("X-aws-ec2-metadata-token");
    if (!token || *token != "hidden-imds") return response(401);
    if (request.target == "/latest/meta-data/iam/security-credentials/") return response(200, "role");
    if (request.target == "/latest/meta-data/iam/security-credentials/role") return response(200, json());
    return response(404);
  });
  auto const source = chain({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", server.origin().to_string()}});
  expect_session(get(*source));
  EXPECT_THAT(lines.text, HasSubstr("AWS credentials were taken from the role of this EC2 instance"));
  EXPECT_THAT(server.requests(), SizeIs(3));
}

TEST_F(Endpoints, OfNoInstanceAreGivenUpAtOnce) {
  server.script({fakes::read(), fakes::stall()});
  auto const source = chain({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", server.origin().to_string()}});
  auto const before = real.steady();
  expect_refused(get(*source), Errc::denied,
                 {"no AWS credentials were found", "nothing answers at http://127.0.0.1"});
  EXPECT_LT(real.steady() - before, 10s);
  EXPECT_THAT(server.requests(), SizeIs(1));
}

TEST_F(Endpoints, OfAContainerGetTheTokenOfItsFile) {
  server.reply([](fakes::Received const& request) {
    auto const token = request.headers.find("Authorization");
    return token && *token == "hidden-pod" ? response(200, json()) : response(401, R"({"code":"no"})");
  });
  Variables variables = {
      {"AWS_CONTAINER_CREDENTIALS_FULL_URI", server.origin().to_string() + "/v1/credentials"},
      {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", folder.write("token", "hidden-pod\n")}};
  auto const source = chain(variables);
  expect_session(get(*source));
  EXPECT_EQ(server.requests().at(0).target, "/v1/credentials");

  variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = folder.write("other", "hidden-other\n");
  auto const refused = chain(variables);
  expect_refused(get(*refused), Errc::denied, {"container credentials", "refused the token"});
}

TEST_F(Endpoints, OfAContainerAreAskedAgainAfterATroubleThatPasses) {
  server.script({fakes::read(), fakes::write(response(500)), fakes::close()});
  server.script({fakes::read_some(), fakes::reset()});
  server.reply([](fakes::Received const&) { return response(200, json()); });
  auto const source = chain({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", server.origin().to_string()}});
  expect_session(get(*source));
  EXPECT_EQ(server.connections(), 3);
}

TEST_F(Endpoints, OfStsThatAnswerRubbishOrNothingAreNamed) {
  server.script(
      {fakes::read(), fakes::write("HTTP/1.1 200 X\r\nContent-Length: 5\r\n\r\nhello"), fakes::close()});
  auto const source = chain({{"AWS_ROLE_ARN", "arn:r"},
                             {"AWS_WEB_IDENTITY_TOKEN_FILE", folder.write("token", "hidden-token")},
                             {"AWS_ENDPOINT_URL_STS", server.origin().to_string()}});
  expect_refused(get(*source), Errc::transient,
                 {"web identity", "makes no sense", server.origin().to_string()});
}
