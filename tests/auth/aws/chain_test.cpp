#include "auth/aws/chain.hpp"

#include "auth/aws/replies.hpp"
#include "auth/aws/sigv4.hpp"
#include "base/gather.hpp"
#include "identity_fixture.hpp"

using base::Errc;
using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;
using namespace std::chrono_literals;

namespace {

struct Chains : Identity {
  std::unique_ptr<auth::aws::Source> chain(Variables variables) {
    variables.insert({"AWS_REGION", "eu-west-1"});
    return auth::aws::make_chain(context(std::move(variables)));
  }
  Variables everything() {
    return {{"AWS_ACCESS_KEY_ID", "AKIDENV"},
            {"AWS_SECRET_ACCESS_KEY", "hidden"},
            {"AWS_ROLE_ARN", "arn:r"},
            {"AWS_WEB_IDENTITY_TOKEN_FILE", folder.write("token", "hidden-token")},
            {"AWS_PROFILE", "p"},
            {"AWS_SHARED_CREDENTIALS_FILE",
             folder.write("credentials", "[p]\naws_access_key_id=AKIDP\naws_secret_access_key=hidden\n")},
            {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/"}};
  }
};

}  // namespace

TEST_F(Chains, TakeTheFirstThatIsConfigured) {
  auto variables = everything();
  EXPECT_EQ(chain(variables)->name(), "the keys of AWS_ACCESS_KEY_ID");
  variables.erase("AWS_ACCESS_KEY_ID");
  variables.erase("AWS_SECRET_ACCESS_KEY");
  EXPECT_EQ(chain(variables)->name(), "the web identity arn:r");
  variables.erase("AWS_ROLE_ARN");
  variables.erase("AWS_WEB_IDENTITY_TOKEN_FILE");
  EXPECT_EQ(chain(variables)->name(), "the keys of the profile \"p\"");
  variables.erase("AWS_PROFILE");
  EXPECT_EQ(chain(variables)->name(), "the container's credentials");
  variables.erase("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  EXPECT_EQ(chain(variables)->name(), "the role of this EC2 instance");
}

TEST_F(Chains, WarnOfCredentialsThatAreConfiguredBesides) {
  Lines lines;
  environment = base::Environment(everything());
  auth::aws::make_chain({client, client, clock, random, environment, lines, "eu-west-1"});
  EXPECT_THAT(lines.text,
              AllOf(HasSubstr("the keys of AWS_ACCESS_KEY_ID; AWS_WEB_IDENTITY_TOKEN_FILE is not"),
                    HasSubstr("AWS_PROFILE is not"), HasSubstr("AWS_CONTAINER_CREDENTIALS_FULL_URI is not")));
  lines.text.clear();
  environment = base::Environment(Variables{{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "hidden"}});
  auth::aws::make_chain({client, client, clock, random, environment, lines, "eu-west-1"});
  EXPECT_EQ(lines.text, "");
}

TEST_F(Chains, StopAtTheFirstThatIsConfiguredAndFails) {
  struct Case {
    std::vector<std::string> without;
    std::string name;
    std::string value;
    std::string words;
  };
  std::vector<Case> const cases = {
      {{"AWS_SECRET_ACCESS_KEY"}, "X", "", "AWS_SECRET_ACCESS_KEY is not"},
      {{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ROLE_ARN"}, "X", "", "AWS_ROLE_ARN is not"},
      {{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}, "AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere", "/nowhere"},
      {{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}, "AWS_REGION", "x", "AWS_REGION"},
      {{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"},
       "AWS_PROFILE",
       "other",
       "the profile \"other\" does not exist"},
      {{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_PROFILE"},
       "AWS_CONTAINER_CREDENTIALS_FULL_URI",
       "http://evil.example/",
       "no token is sent there"}};
  for (auto const& [without, name, value, words] : cases) {
    auto variables = everything();
    for (auto const& gone : without) variables.erase(gone);
    variables.insert_or_assign(name, value);
    auto const source = chain(variables);
    auto const found = get(*source);
    ASSERT_FALSE(found.has_value()) << words;
    EXPECT_THAT(found.error().message, HasSubstr(words));
    EXPECT_THAT(client.requests, SizeIs(0)) << words;
  }
}

TEST_F(Chains, ListWhatWasTriedWhereNothingIsThere) {
  auto const source = chain({});
  client.fail(base::Error(Errc::transient, "no route"));
  auto const found = get(*source);
  expect_refused(found, Errc::denied,
                 {"set AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_PROFILE",
                  "AWS_CONTAINER_CREDENTIALS_FULL_URI", "nothing answers at http://169.254.169.254"});
  EXPECT_THAT(client.requests, SizeIs(1));
  expect_refused(get(*chain({{"AWS_EC2_METADATA_DISABLED", "true"}})), Errc::denied,
                 {"AWS_EC2_METADATA_DISABLED is set"});
  EXPECT_THAT(client.requests, SizeIs(1));
}

TEST_F(Chains, SayThatTheInstanceAnsweredAndRefused) {
  auto const source = chain({});
  client.reply(200, "hidden-imds");
  client.reply(404);
  expect_refused(get(*source), Errc::denied, {"attach an instance profile"});
}

TEST_F(Chains, RenewBeforeTheCredentialsExpireAndOnceTheyAreRefused) {
  auto const source =
      chain({{"AWS_ROLE_ARN", "arn:r"}, {"AWS_WEB_IDENTITY_TOKEN_FILE", folder.write("t", "hidden")}});
  client.reply(200, sts("FIRST"));
  EXPECT_EQ(get(*source)->access_key_id, "FIRST");
  EXPECT_EQ(get(*source)->access_key_id, "FIRST");
  EXPECT_THAT(client.requests, SizeIs(1));

  clock.advance(1h);
  client.reply(200, sts("SECOND", "2026-11-22T05:00:00Z"));
  auto const second = get(*source);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->access_key_id, "SECOND");

  EXPECT_TRUE(source->refused(*second));
  client.reply(200, sts("THIRD", "2026-11-22T05:00:00Z"));
  EXPECT_EQ(get(*source)->access_key_id, "THIRD");
  EXPECT_TRUE(source->refused(*second));  // somebody else was faster
  EXPECT_THAT(client.requests, SizeIs(3));
}

TEST_F(Chains, MakeOneExchangeForAThousandWhoWait) {
  auto const source =
      chain({{"AWS_ROLE_ARN", "arn:r"}, {"AWS_WEB_IDENTITY_TOKEN_FILE", folder.write("t", "hidden")}});
  client.reply(200, sts());
  auth::aws::SigV4 signer(*source, "eu-west-1", "sqs", clock);
  int done = 0;
  std::function<boost::asio::awaitable<void>(std::size_t)> const sign =
      [&](std::size_t) -> boost::asio::awaitable<void> {
    http::Request request;
    auto const signed_ = co_await signer.sign(request);
    done += signed_.has_value() && *request.headers.find("X-Amz-Security-Token") == "hidden-session";
  };
  auto all = base::gather(1'000, 1'000, sign);
  fakes::run(loop, std::move(all));
  EXPECT_EQ(done, 1'000);
  EXPECT_THAT(client.requests, SizeIs(1));
}
