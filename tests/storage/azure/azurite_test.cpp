// Against a real Azurite: what scripted replies can't show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "auth/azure/connection_string.hpp"
#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "fakes/run.hpp"
#include "http/curl/client.hpp"
#include "storage/azure/cloud.hpp"

using storage::Errc;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

namespace {

std::string variable(char const* name) {
  char const* value = std::getenv(name);
  if (value && *value) return value;
  throw std::runtime_error(std::string(name) +
                           " is not set: run the tests by ./test.sh, or start the emulators with "
                           "tests/emulators/up --env FILE and source FILE");
}

// A connection string in pieces, to put together again with another credential.
struct Azurite {
  std::string text = variable("EDW_TEST_AZURITE");
  auth::azure::ConnectionString parsed = auth::azure::parse_connection_string(text).value();
  std::string endpoints() const {
    return "QueueEndpoint=" + parsed.queue_endpoint->origin.to_string() + parsed.queue_endpoint->path +
           ";TableEndpoint=" + parsed.table_endpoint->origin.to_string() + parsed.table_endpoint->path + ';';
  }
};

// An account SAS, as the portal would make one.
// https://learn.microsoft.com/rest/api/storageservices/create-account-sas
std::string account_sas(Azurite const& azurite, std::string const& permissions, base::System expiry) {
  auto const end = base::iso8601(expiry);
  std::string const version = "2022-11-02";
  auto const to_sign = azurite.parsed.account + '\n' + permissions + "\nqt\nsco\n\n" + end +
                       "\n\nhttps,http\n" + version + "\n\n";
  auto const signature = base::base64_encode(base::hmac_sha256(azurite.parsed.key.reveal(), to_sign));
  return "sv=" + version + "&ss=qt&srt=sco&sp=" + permissions + "&se=" + base::percent_encode(end) +
         "&spr=https,http&sig=" + base::percent_encode(signature);
}

// A clock that is set wrong.
class SlowClock final : public base::Clock {
 public:
  explicit SlowClock(std::chrono::seconds behind) : behind_(behind) {}
  base::Steady steady() const override { return real_.steady(); }
  base::System system() const override { return real_.system() - behind_; }
  boost::asio::awaitable<void> sleep_until(base::Steady deadline, std::stop_token stop) override {
    return real_.sleep_until(deadline, std::move(stop));
  }

 private:
  base::RealClock real_;
  std::chrono::seconds behind_;
};

// The cloud as a program would have it.
class World {
 public:
  explicit World(std::string connection, std::chrono::seconds clock_is_behind = {})
      : environment_({{"AZURE_STORAGE_CONNECTION_STRING", std::move(connection)}}),
        clock_(clock_is_behind),
        client_(http::curl::Client::make(loop.get_executor(), {}, environment_, log_).value()),
        cloud_(storage::azure::make_cloud(
            {loop.get_executor(), *client_, clock_, random_, environment_, log_})) {}

  std::unique_ptr<storage::Queue> queue(std::string const& name) {
    return cloud_->queue(storage::Uri::parse("azure:" + name).value()).value();
  }
  std::unique_ptr<storage::Table> table(std::string const& name) {
    return cloud_->table(storage::Uri::parse("azure:" + name).value()).value();
  }
  template <class T>
  T run(boost::asio::awaitable<T> task) {
    return fakes::run(loop, std::move(task));
  }

  boost::asio::io_context loop;

 private:
  base::Environment environment_;
  SlowClock clock_;
  base::SeededRandom random_{base::entropy()};
  base::NoLog log_;
  std::unique_ptr<http::curl::Client> client_;
  std::unique_ptr<storage::Cloud> cloud_;
};

std::string fresh_name() { return "edw" + base::hex(std::to_string(base::entropy())).substr(0, 20); }

storage::Entity entity(std::string partition, std::string row) {
  storage::Entity made;
  made.key.partition = std::move(partition);
  made.key.row = std::move(row);
  made.values.emplace("a", "x");
  return made;
}

}  // namespace

TEST(Azurite, RefusesAWrongKeyAndWeSayWhichCredentialItWas) {
  Azurite const azurite;
  World world("AccountName=" + azurite.parsed.account + ";AccountKey=d3Jvbmc=;" + azurite.endpoints());
  auto const queue = world.run(world.queue("absent")->open(true));
  ASSERT_FALSE(queue.has_value());
  EXPECT_EQ(queue.error().code, Errc::denied) << describe(queue.error());
  EXPECT_THAT(queue.error().message, HasSubstr("the AccountKey of AZURE_STORAGE_CONNECTION_STRING"));
  EXPECT_THAT(queue.error().message, HasSubstr(azurite.parsed.account));
  auto const table = world.run(world.table("absent")->open(true));
  ASSERT_FALSE(table.has_value());
  EXPECT_EQ(table.error().code, Errc::denied) << describe(table.error());
}

TEST(Azurite, TakesASas) {
  Azurite const azurite;
  auto const expiry = base::RealClock().system() + std::chrono::minutes(10);
  World world(azurite.endpoints() + "SharedAccessSignature=" + account_sas(azurite, "rwdlacup", expiry));
  auto const queue = world.queue(fresh_name());
  auto const made = world.run(queue->open(true));
  ASSERT_TRUE(made.has_value()) << describe(made.error());
  std::vector<storage::Outgoing> messages(3);
  for (auto& message : messages) message.body = "by SAS";
  auto const rejected = world.run(queue->send(messages));
  ASSERT_TRUE(rejected.has_value());
  EXPECT_THAT(*rejected, IsEmpty());
  storage::Receive options;
  options.at_most = 3;
  auto received = world.run(queue->receive(options)).value();
  EXPECT_THAT(received, SizeIs(3));
  EXPECT_THAT(world.run(queue->extend(received, std::chrono::seconds(90))).value(), IsEmpty());
  EXPECT_THAT(world.run(queue->remove(received)).value(), IsEmpty());

  auto const table = world.table(fresh_name());
  ASSERT_TRUE(world.run(table->open(true)).has_value());
  std::vector const rows = {entity("p", "1"), entity("p", "2"), entity("q", "it's")};
  EXPECT_THAT(world.run(table->upsert(rows)).value(), IsEmpty());
  EXPECT_TRUE(world.run(table->get(rows[2].key)).value().has_value());
}

TEST(Azurite, IsNotAskedWithASasThatHasExpired) {
  Azurite const azurite;
  auto const expiry = base::RealClock().system() - std::chrono::minutes(10);
  World world(azurite.endpoints() + "SharedAccessSignature=" + account_sas(azurite, "rwdlacup", expiry));
  auto const depth = world.run(world.queue(fresh_name())->depth());
  ASSERT_FALSE(depth.has_value());
  EXPECT_EQ(depth.error().code, Errc::denied);
  EXPECT_THAT(depth.error().message, HasSubstr("expired at " + base::iso8601(expiry)));
  EXPECT_EQ(depth.error().http_status, 0);
}

TEST(Azurite, RefusesASasThatHasExpiredThoughOurClockSaysOtherwise) {
  Azurite const azurite;
  auto const expiry = base::RealClock().system() - std::chrono::minutes(10);
  World world(azurite.endpoints() + "SharedAccessSignature=" + account_sas(azurite, "rwdlacup", expiry),
              std::chrono::hours(1));
  auto const depth = world.run(world.queue(fresh_name())->depth());
  ASSERT_FALSE(depth.has_value());
  EXPECT_EQ(depth.error().code, Errc::denied) << describe(depth.error());
  EXPECT_THAT(depth.error().message,
              HasSubstr("the SharedAccessSignature of AZURE_STORAGE_CONNECTION_STRING"));
  EXPECT_THAT(depth.error().message, HasSubstr("clock"));
}

TEST(Azurite, RefusesASasThatLacksAPermission) {
  Azurite const azurite;
  auto const expiry = base::RealClock().system() + std::chrono::minutes(10);
  World world(azurite.endpoints() + "SharedAccessSignature=" + account_sas(azurite, "r", expiry));
  auto const made = world.run(world.queue(fresh_name())->open(true));
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, Errc::denied) << describe(made.error());
  EXPECT_THAT(made.error().message,
              HasSubstr("the SharedAccessSignature of AZURE_STORAGE_CONNECTION_STRING"));
}

TEST(Azurite, TellsThatAQueueAndATableAreAbsent) {
  World world(Azurite().text);
  auto const queue = world.queue(fresh_name());
  std::vector<storage::Outgoing> messages(2);
  auto const sent = world.run(queue->send(messages));
  ASSERT_FALSE(sent.has_value());
  EXPECT_EQ(sent.error().code, Errc::absent);
  EXPECT_THAT(sent.error().message, HasSubstr("--create"));
  EXPECT_EQ(world.run(queue->depth()).error().code, Errc::absent);

  auto const table = world.table(fresh_name());
  std::vector const one = {entity("p", "1")};
  std::vector const two = {entity("p", "1"), entity("p", "2")};
  EXPECT_EQ(world.run(table->upsert(one)).error().code, Errc::absent);
  EXPECT_EQ(world.run(table->upsert(two)).error().code, Errc::absent);
  EXPECT_EQ(world.run(table->get(one[0].key)).error().code, Errc::absent);
  storage::Range const all;
  EXPECT_EQ(world.run(table->scan(all)).error().code, Errc::absent);
}

TEST(Azurite, IsFoundToBeNoQueueServiceWhereTheEndpointIsTheTableServices) {
  Azurite const azurite;
  auto const crossed =
      azurite.parsed.table_endpoint->origin.to_string() + azurite.parsed.table_endpoint->path;
  World world("AccountName=" + azurite.parsed.account + ";AccountKey=" +
              base::base64_encode(azurite.parsed.key.reveal()) + ";QueueEndpoint=" + crossed);
  auto const depth = world.run(world.queue("some-queue")->depth());
  ASSERT_FALSE(depth.has_value());
  EXPECT_THAT(depth.error().message, Not(IsEmpty()));
}
