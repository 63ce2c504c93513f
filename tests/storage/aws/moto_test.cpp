// What only a service that verifies signatures can show.
#include <cstdlib>

#include "fixture.hpp"
#include "http/curl/client.hpp"
#include "storage/aws/cloud.hpp"
#include "storage/core/uri.hpp"

using storage::Errc;
using storage::Uri;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using namespace std::chrono_literals;

namespace {

std::string variable(char const* name) {
  auto const* value = std::getenv(name);
  return value ? value : "";
}

struct Moto : testing::Test {
  void SetUp() override {
    ASSERT_FALSE(variable("EDW_TEST_MOTO").empty())
        << "EDW_TEST_MOTO is not set: run ./test.sh, or tests/emulators/up --env FILE and source FILE";
    with(variable("EDW_TEST_MOTO_SECRET"));
  }
  void with(std::string const& secret, std::string const& key_id = variable("EDW_TEST_MOTO_KEY_ID")) {
    environment = base::Environment({{"AWS_ENDPOINT_URL", variable("EDW_TEST_MOTO")},
                                     {"AWS_REGION", "us-east-1"},
                                     {"AWS_ACCESS_KEY_ID", key_id},
                                     {"AWS_SECRET_ACCESS_KEY", secret}});
    http::curl::Settings const settings;
    client = http::curl::Client::make(loop.get_executor(), settings, environment, log).value();
    cloud = storage::aws::make_cloud({loop.get_executor(), *client, clock, random, environment, log});
  }
  std::unique_ptr<storage::Queue> queue(std::string const& uri) {
    return cloud->queue(Uri::parse(uri).value()).value();
  }
  std::unique_ptr<storage::Table> table(std::string const& uri) {
    return cloud->table(Uri::parse(uri).value()).value();
  }
  template <class T>
  T run(boost::asio::awaitable<T> task) {
    return fakes::run(loop, std::move(task));
  }

  boost::asio::io_context loop;
  base::NoLog log;
  base::RealClock clock;
  base::SeededRandom random{base::entropy()};
  base::Environment environment;
  std::unique_ptr<http::curl::Client> client;
  std::unique_ptr<storage::Cloud> cloud;
  std::string name = "edw" + std::to_string(base::entropy());
};

}  // namespace

TEST_F(Moto, RefusesAWrongSecretAndTheErrorNamesTheCredential) {
  with("a/wrong/secret");
  for (auto const& open : {run(queue("aws:" + name)->open(false)), run(table("aws:" + name)->open(false))}) {
    ASSERT_FALSE(open.has_value());
    EXPECT_EQ(open.error().code, Errc::denied) << describe(open.error());
    EXPECT_THAT(open.error().message,
                AllOf(HasSubstr("the keys of AWS_ACCESS_KEY_ID"), HasSubstr("AWS_SECRET_ACCESS_KEY"),
                      Not(HasSubstr("wrong/secret"))));
  }
}

TEST_F(Moto, RefusesAnUnknownKey) {
  with("a/secret", "AKIAUNKNOWNUNKNOWN00");
  auto const open = run(queue("aws:" + name)->open(false));
  ASSERT_FALSE(open.has_value());
  EXPECT_EQ(open.error().code, Errc::denied);
  EXPECT_THAT(open.error().message, HasSubstr("does not know the keys of AWS_ACCESS_KEY_ID"));
}

TEST_F(Moto, SaysWhatIsAbsent) {
  for (auto const& open : {run(queue("aws:" + name)->open(false)), run(table("aws:" + name)->open(false)),
                           run(queue(variable("EDW_TEST_MOTO") + "/123456789012/" + name)->open(false))}) {
    ASSERT_FALSE(open.has_value());
    EXPECT_EQ(open.error().code, Errc::absent) << describe(open.error());
    EXPECT_THAT(open.error().message, AllOf(HasSubstr(name), HasSubstr("us-east-1"), HasSubstr("--create")));
  }
}

TEST_F(Moto, CarriesAMessageThroughAQueueUrlOfTheRealService) {
  auto const made = queue("https://sqs.us-east-1.amazonaws.com/123456789012/" + name);
  auto const open = run(made->open(true));
  ASSERT_TRUE(open.has_value()) << describe(open.error());
  std::vector<storage::Outgoing> messages(1);
  messages[0].body = "{\"msg\":\"ü\"}";
  EXPECT_THAT(run(made->send(messages)).value(), IsEmpty());
  storage::Receive options;
  options.wait = 5s;
  auto const received = run(made->receive(options)).value();
  ASSERT_THAT(received, SizeIs(1));
  EXPECT_EQ(received[0].body, messages[0].body);
  EXPECT_TRUE(received[0].sent_at.has_value());
  EXPECT_THAT(run(made->remove(received)).value(), IsEmpty());
}

TEST_F(Moto, GivesTheNextMessageToALongPollThatWaits) {
  auto const made = queue("aws:" + name);
  ASSERT_TRUE(run(made->open(true)).has_value());
  std::vector<storage::Outgoing> messages(1);
  messages[0].body = "late";
  messages[0].delay = 2s;
  ASSERT_THAT(run(made->send(messages)).value(), IsEmpty());
  storage::Receive options;
  options.wait = 10s;
  auto const before = clock.steady();
  auto const received = run(made->receive(options)).value();
  ASSERT_THAT(received, SizeIs(1));
  EXPECT_LT(clock.steady() - before, 9s);
}

TEST_F(Moto, RefusesOneBadRowAndTakesItsNeighbours) {
  auto const made = table("aws:" + name);
  ASSERT_TRUE(run(made->open(true)).has_value());
  std::vector<storage::Entity> rows(3);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].key.partition = "p";
    rows[i].key.row = std::to_string(i);
  }
  rows[1].key.row = "";
  auto const rejected = run(made->upsert(rows)).value();
  ASSERT_THAT(rejected, SizeIs(1));
  EXPECT_EQ(rejected[0].index, 1u);
  EXPECT_EQ(run(made->scan({})).value().rows.size(), 2u);
}
