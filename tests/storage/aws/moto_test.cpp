// What only a service that verifies signatures can show.
#include <cstdlib>

#include "auth/aws/sigv4.hpp"
#include "auth/aws/static_source.hpp"
#include "base/encoding.hpp"
#include "fakes/certificate.hpp"
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

// moto, while it verifies signatures, answers no unsigned request, though AssumeRoleWithWebIdentity is one.
// This signs it, and nothing else, as the user of the tests.
class Admitting final : public http::Client {
 public:
  explicit Admitting(http::Client& inner, auth::Signer& user) : inner_(inner), user_(user) {}
  base::Task<http::Response> send(http::Request& request) override {
    if (request.operation == "AssumeRoleWithWebIdentity") {
      EXPECT_FALSE(request.headers.find("Authorization"));
      bodies.push_back(request.body);
      auto const done = co_await user_.sign(request);
      if (!done) co_return done.error();
    }
    auto response = co_await inner_.send(request);
    co_return response;
  }
  std::vector<std::string> bodies;  // of the exchanges

 private:
  http::Client& inner_;
  auth::Signer& user_;
};

// A role in moto that may do everything, and nothing in the environment but the way to it.
struct MotoRole : Moto {
  void SetUp() override {
    Moto::SetUp();
    if (HasFatalFailure()) return;
    iam("Action=CreateRole&Version=2010-05-08&RoleName=" + name +
        "&AssumeRolePolicyDocument=" + base::percent_encode(trust));
    iam("Action=PutRolePolicy&Version=2010-05-08&PolicyName=all&RoleName=" + name +
        "&PolicyDocument=" + base::percent_encode(policy));
  }
  auth::aws::StaticSource user() const {
    auth::aws::Credentials keys;
    keys.access_key_id = variable("EDW_TEST_MOTO_KEY_ID");
    keys.secret_access_key = base::Secret(variable("EDW_TEST_MOTO_SECRET"));
    return {keys, "the user of the tests"};
  }
  void iam(std::string const& form) {
    auto source = user();
    auth::aws::SigV4 signer(source, "us-east-1", "iam", clock);
    http::Request request("POST", http::parse_url(variable("EDW_TEST_MOTO")).value().origin, "/", form);
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    ASSERT_TRUE(run(signer.sign(request)).has_value());
    auto const response = run(client->send(request));
    ASSERT_TRUE(response.has_value()) << describe(response.error());
    ASSERT_EQ(response->status, 200) << response->body;
  }
  void use(std::map<std::string, std::string, std::less<>> variables) {
    variables.insert({{"AWS_ENDPOINT_URL", variable("EDW_TEST_MOTO")}, {"AWS_REGION", "us-east-1"}});
    environment = base::Environment(variables);
    cloud = storage::aws::make_cloud({loop.get_executor(), admitting, clock, random, environment, log});
  }
  // One message through a queue, and one row into a table.
  void use_both() {
    auto const made = queue("aws:" + name);
    auto const open = run(made->open(true));
    ASSERT_TRUE(open.has_value()) << describe(open.error());
    std::vector<storage::Outgoing> messages(1);
    messages[0].body = "{}";
    EXPECT_THAT(run(made->send(messages)).value(), IsEmpty());
    storage::Receive options;
    options.wait = 5s;
    EXPECT_THAT(run(made->receive(options)).value(), SizeIs(1));

    auto const rows = table("aws:" + name);
    auto const opened = run(rows->open(true));
    ASSERT_TRUE(opened.has_value()) << describe(opened.error());
    std::vector<storage::Entity> entities(1);
    entities[0].key.partition = "p";
    entities[0].key.row = "r";
    EXPECT_THAT(run(rows->upsert(entities)).value(), IsEmpty());
    EXPECT_EQ(run(rows->scan({})).value().rows.size(), 1u);
  }

  std::string const trust =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]})";
  std::string const policy =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";
  std::string role_arn = "arn:aws:iam::123456789012:role/" + name;
  fakes::TempDir folder;
  auth::aws::StaticSource user_source = user();
  auth::aws::SigV4 user_signer{user_source, "us-east-1", "sts", clock};
  struct Late final : http::Client {
    explicit Late(Moto& test_) : test(test_) {}
    base::Task<http::Response> send(http::Request& request) override { return test.client->send(request); }
    Moto& test;
  } late{*this};
  Admitting admitting{late, user_signer};
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

TEST_F(MotoRole, IsTakenByAProjectedTokenForAQueueAndATable) {
  use({{"AWS_ROLE_ARN", role_arn},
       {"AWS_WEB_IDENTITY_TOKEN_FILE", folder.write("token", "a.projected.token\n")}});
  use_both();
  ASSERT_THAT(admitting.bodies, SizeIs(1));
  EXPECT_THAT(admitting.bodies[0],
              AllOf(HasSubstr("WebIdentityToken=a.projected.token"), HasSubstr("RoleSessionName=edw-")));
}

TEST_F(MotoRole, IsTakenByTheKeysOfAProfile) {
  auto const file =
      folder.write("credentials", "[u]\naws_access_key_id = " + variable("EDW_TEST_MOTO_KEY_ID") +
                                      "\naws_secret_access_key = " + variable("EDW_TEST_MOTO_SECRET") +
                                      "\n[r]\nrole_arn = " + role_arn + "\nsource_profile = u\n");
  use({{"AWS_PROFILE", "r"}, {"AWS_SHARED_CREDENTIALS_FILE", file}});
  use_both();
  EXPECT_THAT(admitting.bodies, IsEmpty());
}

TEST_F(MotoRole, IsRefusedToAProfileWithAWrongSecret) {
  auto const file =
      folder.write("credentials", "[u]\naws_access_key_id = " + variable("EDW_TEST_MOTO_KEY_ID") +
                                      "\naws_secret_access_key = wrong\n[r]\nrole_arn = " + role_arn +
                                      "\nsource_profile = u\n");
  use({{"AWS_PROFILE", "r"}, {"AWS_SHARED_CREDENTIALS_FILE", file}});
  auto const open = run(queue("aws:" + name)->open(false));
  ASSERT_FALSE(open.has_value());
  EXPECT_EQ(open.error().code, Errc::denied) << describe(open.error());
  EXPECT_THAT(open.error().message, HasSubstr("STS refused the keys of the profile \"u\""));
}
