#include "auth/aws/imds.hpp"

#include "identity_fixture.hpp"

using auth::aws::Imds;
using base::Errc;
using testing::HasSubstr;
using testing::SizeIs;
using namespace std::chrono_literals;

namespace {

struct Instances : Identity {
  Imds source() {
    auto const made = context({});
    return {made, Imds::origin(environment).value()};
  }
};

}  // namespace

TEST_F(Instances, GiveASessionTokenThenTheRoleThenItsCredentials) {
  auto made = source();
  client.reply(200, "hidden-imds");
  client.reply(200, "my-role\n");
  client.reply(200, json());
  expect_session(get(made));
  ASSERT_THAT(client.requests, SizeIs(3));
  EXPECT_EQ(client.requests[0].method, "PUT");
  EXPECT_EQ(client.requests[0].origin.to_string(), "http://169.254.169.254");
  EXPECT_EQ(client.requests[0].target, "/latest/api/token");
  EXPECT_TRUE(client.requests[0].headers.find("X-aws-ec2-metadata-token-ttl-seconds"));
  EXPECT_EQ(client.requests[0].timeouts.connect, 1s);
  EXPECT_EQ(client.requests[1].target, "/latest/meta-data/iam/security-credentials/");
  EXPECT_EQ(client.requests[2].target, "/latest/meta-data/iam/security-credentials/my-role");
  for (std::size_t i = 1; i < 3; ++i)
    EXPECT_EQ(*client.requests[i].headers.find("X-aws-ec2-metadata-token"), "hidden-imds");
}

TEST_F(Instances, AreNotThereWhereNothingAnswers) {
  auto made = source();
  client.fail(base::Error(Errc::transient, "no route"));
  auto const found = get(made);
  expect_refused(found, Errc::transient, {"instance metadata", "no route", "hop limit"});
  EXPECT_EQ(found.error().http_status, 0);
}

TEST_F(Instances, SayAtWhichStepTheyRefused) {
  auto made = source();
  client.reply(403);
  expect_refused(get(made), Errc::denied, {"no session token"});
  client.reply(200, "<html> hidden </html>");
  expect_refused(get(made), Errc::denied, {"it is no metadata service"});
  client.reply(200, "hidden-imds");
  client.reply(404);
  expect_refused(get(made), Errc::denied, {"attach an instance profile"});
  client.reply(200, "hidden-imds");
  client.reply(200, "");
  expect_refused(get(made), Errc::denied, {"names no role"});
  client.reply(200, "hidden-imds");
  client.reply(200, "role");
  client.reply(500);
  expect_refused(get(made), Errc::transient, {"instance metadata"});
  client.reply(200, "hidden-imds");
  client.reply(200, "role");
  client.reply(200, R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"no"})");
  auto const found = get(made);
  expect_refused(found, Errc::transient, {"gave no credentials for the role role", "trust policy"});
  EXPECT_EQ(found.error().service_code, "AssumeRoleUnauthorizedAccess");
}

TEST_F(Instances, AreSoughtWhereTheVariablesSay) {
  context({{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv6"}});
  EXPECT_EQ(Imds::origin(environment)->to_string(), "http://[fd00:ec2::254]");
  context({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9"}});
  EXPECT_EQ(Imds::origin(environment)->to_string(), "http://127.0.0.1:9");
  context({{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv5"}});
  EXPECT_THAT(Imds::origin(environment).error().message, HasSubstr("must be IPv4 or IPv6"));
  for (auto const* elsewhere : {"http://evil.example", "http://169.254.evil.example", "http://10.0.0.1"}) {
    context({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", elsewhere}});
    EXPECT_THAT(Imds::origin(environment).error().message, HasSubstr("no keys are taken")) << elsewhere;
  }
}

TEST_F(Instances, AreNotAskedWhereDisabled) {
  context({{"AWS_EC2_METADATA_DISABLED", "True"}});
  EXPECT_TRUE(Imds::disabled(environment));
  context({{"AWS_EC2_METADATA_DISABLED", "false"}});
  EXPECT_FALSE(Imds::disabled(environment));
}
