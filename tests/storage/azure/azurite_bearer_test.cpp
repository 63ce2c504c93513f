// Bearer tokens against a real Azurite, which checks all of a token but its signature; the tokens come from a
// token endpoint of ours, by the whole way from the projected token on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "auth/azure/connection_string.hpp"
#include "base/encoding.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "fakes/certificate.hpp"
#include "fakes/run.hpp"
#include "fakes/server.hpp"
#include "http/curl/client.hpp"
#include "storage/azure/cloud.hpp"

using storage::Errc;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

namespace {

std::string variable(char const* name) {
  char const* value = std::getenv(name);
  if (value && *value) return value;
  throw std::runtime_error(std::string(name) +
                           " is not set: run the tests by ./test.sh, or start the emulators with "
                           "tests/emulators/up --env FILE and source FILE");
}

// The endpoints alone: no key, so that the identity chain is asked.
std::string endpoints() {
  auto const parsed = auth::azure::parse_connection_string(variable("EDW_TEST_AZURITE_HTTPS")).value();
  return "AccountName=" + parsed.account + ";QueueEndpoint=" + parsed.queue_endpoint->origin.to_string() +
         parsed.queue_endpoint->path + ";TableEndpoint=" + parsed.table_endpoint->origin.to_string() +
         parsed.table_endpoint->path + ';';
}

std::string base64url(std::string const& bytes) {
  auto text = base::base64_encode(bytes);
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

struct Claims {
  std::string issuer = "https://sts.windows.net/00000000-0000-0000-0000-000000000000/";
  std::string audience = "https://storage.azure.com";
  std::chrono::seconds life = 1h;
};

std::string jwt(Claims const& claims) {
  auto const now =
      std::chrono::duration_cast<std::chrono::seconds>(base::RealClock().system().time_since_epoch());
  nlohmann::json payload;
  payload["iss"] = claims.issuer;
  payload["aud"] = claims.audience;
  payload["iat"] = payload["nbf"] = (now - 1h).count();
  payload["exp"] = (now + claims.life).count();
  payload["oid"] = "test";
  return base64url(R"({"alg":"RS256","typ":"JWT"})") + '.' + base64url(payload.dump()) + '.' +
         base64url("no signature that anybody checks");
}

class AzuriteBearer : public testing::Test {
 protected:
  AzuriteBearer() {
    authority.reply([this](fakes::Received const& received) {
      EXPECT_THAT(received.body, HasSubstr("client_assertion=projected-token"));
      ++exchanges;
      Claims const claims = exchanges == 1 ? first : Claims();
      return fakes::response(200, nlohmann::json{{"access_token", jwt(claims)}, {"expires_in", 3600}}.dump(),
                             "Content-Type: application/json\r\n");
    });
    std::map<std::string, std::string, std::less<>> const variables{
        {"AZURE_STORAGE_CONNECTION_STRING", endpoints()},
        {"AZURE_AUTHORITY_HOST", authority.origin().to_string()},
        {"AZURE_TENANT_ID", "my-tenant"},
        {"AZURE_CLIENT_ID", "my-client"},
        {"AZURE_FEDERATED_TOKEN_FILE", folder.write("token", "projected-token\n")}};
    environment = base::Environment(variables);
    http::curl::Settings settings;
    settings.ca_file = variable("EDW_TEST_CA_FILE");
    client = http::curl::Client::make(loop.get_executor(), settings, environment, log).value();
    cloud = storage::azure::make_cloud({loop.get_executor(), *client, clock, random, environment, log});
  }
  template <class T>
  T run(boost::asio::awaitable<T> task) {
    return fakes::run(loop, std::move(task));
  }
  template <class T>
  static void expect_good(base::Result<T> const& result) {
    EXPECT_TRUE(result.has_value()) << describe(result.error());
  }
  std::unique_ptr<storage::Queue> queue() {
    return cloud->queue(storage::Uri::parse("azure:" + name).value()).value();
  }

  boost::asio::io_context loop;
  fakes::TempDir folder;
  fakes::Server authority{loop};
  Claims first;
  int exchanges = 0;
  std::string name = "edw" + base::hex(std::to_string(base::entropy())).substr(0, 20);
  base::Environment environment;
  base::RealClock clock;
  base::SeededRandom random{base::entropy()};
  base::NoLog log;
  std::unique_ptr<http::curl::Client> client;
  std::unique_ptr<storage::Cloud> cloud;
};

}  // namespace

TEST_F(AzuriteBearer, IsTakenForAllThatAQueueDoes) {
  auto const work = queue();
  expect_good(run(work->open(true)));
  std::vector<storage::Outgoing> messages(3);
  for (auto& message : messages) message.body = "by token";
  auto const sent = run(work->send(messages));
  expect_good(sent);
  EXPECT_THAT(*sent, IsEmpty());
  storage::Receive options;
  options.at_most = 3;
  auto received = run(work->receive(options)).value();
  EXPECT_THAT(received, SizeIs(3));
  EXPECT_THAT(run(work->extend(received, 90s)).value(), IsEmpty());
  EXPECT_THAT(run(work->remove(received)).value(), IsEmpty());
  EXPECT_EQ(run(work->depth()).value().visible, 0U);
  EXPECT_EQ(exchanges, 1);
}

TEST_F(AzuriteBearer, IsTakenForAllThatATableDoes) {
  auto const rows = cloud->table(storage::Uri::parse("azure:" + name).value()).value();
  expect_good(run(rows->open(true)));
  std::vector<storage::Entity> entities(2);
  entities[0].key.partition = entities[1].key.partition = "p";
  entities[0].key.row = "1";
  entities[1].key.row = "2";
  auto const written = run(rows->upsert(entities));
  expect_good(written);
  EXPECT_THAT(*written, IsEmpty());
  EXPECT_TRUE(run(rows->get(entities[1].key)).value().has_value());
  EXPECT_THAT(run(rows->scan(storage::Range())).value().rows, SizeIs(2));
  EXPECT_EQ(exchanges, 1);
}

TEST_F(AzuriteBearer, IsRenewedWhereTheServiceFindsItExpired) {
  first.life = -1min;
  expect_good(run(queue()->open(true)));
  EXPECT_EQ(exchanges, 2);
}

TEST_F(AzuriteBearer, IsRefusedForAnotherAudience) {
  first.audience = "https://vault.azure.net";
  auto const opened = run(queue()->open(true));
  // The next token is good: that the first was refused shows in that there was a next.
  expect_good(opened);
  EXPECT_EQ(exchanges, 2);
}
