// The chain, the cache before it and the signer behind which they stand.
#include <boost/asio/io_context.hpp>

#include "auth/azure/bearer.hpp"
#include "auth/azure/world.hpp"
#include "base/gather.hpp"

using base::Errc;
using base::Error;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using namespace std::chrono_literals;

namespace {

class Identity : public World {};
class Bearer : public World {
 protected:
  Bearer() {
    application();
    token_file("projected-token");
  }
  base::Result<void> sign(http::Request& request) {
    auth::azure::Bearer signer(shared());
    return fakes::run(loop, signer.sign(request));
  }
  std::shared_ptr<auth::azure::Identity> shared() {
    return {&identity(), [](auto*) {}};
  }
};

}  // namespace

TEST_F(Identity, SaysOfEachSourceWhatItLacks) {
  client.fail(Error(Errc::transient, "no connection"));
  auto const token = get();
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code, Errc::denied);
  EXPECT_THAT(token.error().message,
              AllOf(HasSubstr("AZURE_STORAGE_CONNECTION_STRING"),
                    HasSubstr("client secret (AZURE_CLIENT_SECRET is not set); "
                              "workload identity (AZURE_FEDERATED_TOKEN_FILE is not set); "
                              "managed identity (no metadata service answers"),
                    HasSubstr("Azure CLI (there is no program \"az\" in PATH)")));
}

TEST_F(Identity, TakesTheClientSecretBeforeTheWorkloadIdentity) {
  application();
  token_file("projected-token");
  set("AZURE_CLIENT_SECRET", "not real");
  client.reply(200, reply_of("t"));
  ASSERT_TRUE(get());
  EXPECT_EQ(form_of(client.requests.at(0)).count("client_secret"), 1U);
  EXPECT_THAT(log.all, HasSubstr("Azure storage is reached as the application my-client"));
}

TEST_F(Identity, StopsAtASourceThatIsSetUpAndFails) {
  application();
  token_file("projected-token");
  client.reply(400, refusal("700016", "Application was not found."));
  EXPECT_THAT(failure(), AllOf(HasSubstr("AADSTS700016"), HasSubstr("passed over before it: client secret")));
  EXPECT_THAT(client.requests, SizeIs(1)) << "went on to another identity";
}

TEST_F(Identity, KeepsToTheSourceThatWorked) {
  client.reply(200, reply_of("from-metadata"));
  ASSERT_TRUE(get());
  application();
  token_file("projected-token");  // appears later; nobody changes identity in mid-run
  clock.advance(2h);
  client.reply(200, reply_of("again"));
  ASSERT_TRUE(get());
  EXPECT_EQ(client.requests.at(1).origin.host, "169.254.169.254");
}

TEST_F(Identity, IsNarrowedByAzureTokenCredentials) {
  set("AZURE_TOKEN_CREDENTIALS", "prod");
  client.fail(Error(Errc::transient, "no connection"));
  EXPECT_THAT(failure(), AllOf(HasSubstr("managed identity"), Not(HasSubstr("Azure CLI"))));
}

TEST_F(Identity, IsOneCredentialByItsName) {
  set("AZURE_TOKEN_CREDENTIALS", "workloadidentitycredential");
  EXPECT_THAT(failure(), AllOf(HasSubstr("workload identity (AZURE_FEDERATED_TOKEN_FILE is not set)"),
                               Not(HasSubstr("managed")), Not(HasSubstr("AZURE_CLIENT_SECRET"))));
  EXPECT_THAT(client.requests, IsEmpty());
}

TEST_F(Identity, RefusesAWordThatNamesNoCredential) {
  set("AZURE_TOKEN_CREDENTIALS", "staging");
  auto const made = auth::azure::Identity::make(client, clock, random, environment, log);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::invalid);
  EXPECT_THAT(made.error().message, AllOf(HasSubstr("\"staging\""), HasSubstr("dev, prod")));
}

TEST_F(Bearer, ExchangesOnceForAThousandColdCallers) {
  client.reply(200, reply_of("access-token"));
  auth::azure::Bearer signer(shared());
  int signed_count = 0;
  std::function<boost::asio::awaitable<void>(std::size_t)> const one =
      [&](std::size_t) -> boost::asio::awaitable<void> {
    http::Request request;
    auto const done = co_await signer.sign(request);
    if (done && *request.headers.find("Authorization") == "Bearer access-token") ++signed_count;
  };
  fakes::run(loop, base::gather(1000, 1000, one));
  EXPECT_EQ(signed_count, 1000);
  EXPECT_THAT(client.requests, SizeIs(1));
}

TEST_F(Bearer, NeverFailsInARunTwentyTimesTheLifeOfAToken) {
  std::size_t answered = 0;
  for (int i = 0; i < 60; ++i) client.reply(200, reply_of("access-token", 60));
  for (int second = 0; second < 20 * 60; ++second) {
    http::Request request;
    ASSERT_TRUE(sign(request)) << second;
    loop.restart();
    loop.poll();
    clock.advance(1s);
    answered = client.requests.size();
  }
  EXPECT_GE(answered, 20U);
  EXPECT_LE(answered, 30U);
}

TEST_F(Bearer, TravelsOverHttpsAndToThisMachineOnly) {
  client.reply(200, reply_of("access-token"));
  http::Request plain("GET", http::Origin{"http", "account.queue.core.windows.net", 80}, "/");
  auto const refused = sign(plain);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid);
  EXPECT_FALSE(plain.headers.find("Authorization"));
  EXPECT_THAT(client.requests, IsEmpty()) << "a token was fetched for nothing";
  http::Request local("GET", http::Origin{"http", "127.0.0.1", 10001}, "/");
  EXPECT_TRUE(sign(local));
  EXPECT_EQ(*local.headers.find("Authorization"), "Bearer access-token");
  EXPECT_TRUE(local.headers.find("x-ms-version"));
}
