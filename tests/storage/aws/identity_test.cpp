// The credential chain under a queue: what the programs rely on.
#include <deque>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include "base/encoding.hpp"
#include "base/gather.hpp"
#include "base/time.hpp"

#include "fakes/certificate.hpp"
#include "fixture.hpp"
#include "storage/aws/cloud.hpp"
#include "storage/core/uri.hpp"

using storage::Errc;
using storage::Uri;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

namespace {

// STS, and an SQS that believes only session tokens which STS gave and which have not expired. Answers after
// a turn of the loop, so that callers overlap.
class Aws final : public http::Client {
 public:
  explicit Aws(base::Clock& clock) : clock_(clock) {}

  base::Task<http::Response> send(http::Request& request) override {
    co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
    http::Response response;
    response.status = 200;
    if (request.origin.host.starts_with("sts.")) {
      ++exchanges;
      response.body = answer_sts(response);
    } else {
      auto const token = request.headers.find("X-Amz-Security-Token");
      auto const known = token ? valid_.find(*token) : valid_.end();
      bool const good = known != valid_.end() && clock_.system() < known->second;
      if (good) {
        ++sends;
        response.body = R"({"Successful":[{"Id":"0","MessageId":"m"}],"Failed":[],"Attributes":{}})";
      } else {
        ++refusals;
        // Some hear of it only when others have had new credentials for long.
        for (int i = refusals % 30; i > 0; --i)
          co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
        response.status = 400;
        response.body = R"({"__type":"com.amazonaws#)" + refuse_as + R"(","message":"expired"})";
      }
    }
    co_return response;
  }
  void revoke() { valid_.clear(); }

  std::chrono::seconds life{3'600};
  bool down = false;
  std::string refuse_as = "ExpiredTokenException";
  int exchanges = 0;
  int sends = 0;
  int refusals = 0;

 private:
  std::string answer_sts(http::Response& response) {
    if (down) {
      response.status = 503;
      return "<ErrorResponse><Error><Code>ServiceUnavailable</Code></Error></ErrorResponse>";
    }
    auto const token = "hidden-session-" + std::to_string(exchanges);
    valid_[token] = clock_.system() + life;
    return "<R><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>hidden</"
           "SecretAccessKey><SessionToken>" +
           token + "</SessionToken><Expiration>" + base::iso8601(clock_.system() + life) +
           "</Expiration></Credentials></R>";
  }

  base::Clock& clock_;
  std::map<std::string, base::System, std::less<>> valid_;
};

struct WebIdentityUnderAQueue : Scripted {
  WebIdentityUnderAQueue() {
    environment = base::Environment({{"AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/edw"},
                                     {"AWS_WEB_IDENTITY_TOKEN_FILE", folder.write("token", "hidden-token")}});
    cloud = storage::aws::make_cloud({loop.get_executor(), aws, clock, random, environment, log});
    queue = cloud->queue(Uri::parse("https://sqs.eu-west-1.amazonaws.com/123456789012/q").value()).value();
  }
  base::Result<std::vector<storage::Rejected>> send() {
    std::vector<storage::Outgoing> messages(1);
    messages[0].body = "{}";
    return run(queue->send(messages));
  }

  // How many of them came through.
  int send_at_once(std::size_t count) {
    std::vector<storage::Outgoing> messages(1);
    messages[0].body = "{}";
    int sent = 0;
    std::function<boost::asio::awaitable<void>(std::size_t)> const work =
        [&](std::size_t) -> boost::asio::awaitable<void> {
      auto const rejected = co_await queue->send(messages);
      sent += rejected.has_value() && rejected->empty();
    };
    auto all = base::gather(count, count, work);
    fakes::run(loop, std::move(all));
    return sent;
  }

  Aws aws{clock};
  fakes::TempDir folder;
  base::Environment environment;
  std::unique_ptr<storage::Cloud> cloud;
  std::unique_ptr<storage::Queue> queue;
};

}  // namespace

TEST_F(WebIdentityUnderAQueue, ExchangesOnceForAThousandSendsOnAColdStart) {
  EXPECT_EQ(send_at_once(1'000), 1'000);
  EXPECT_EQ(aws.sends, 1'000);
  EXPECT_EQ(aws.exchanges, 1);
  EXPECT_EQ(aws.refusals, 0);
}

TEST_F(WebIdentityUnderAQueue, ExchangesOnceForAThousandSendsThatAreRefusedTogether) {
  ASSERT_TRUE(send().has_value());
  aws.revoke();
  clock.advance(10min);
  EXPECT_EQ(send_at_once(1'000), 1'000);
  EXPECT_EQ(aws.refusals, 1'000);
  EXPECT_EQ(aws.exchanges, 2);
}

TEST_F(WebIdentityUnderAQueue, NeverFailsInARunTwentyTimesAsLongAsACredentialsLife) {
  for (int i = 0; i < 200; ++i) {
    auto const rejected = send();
    ASSERT_TRUE(rejected.has_value()) << describe(rejected.error());
    clock.advance(aws.life / 10);
  }
  EXPECT_EQ(aws.refusals, 0);
  EXPECT_GE(aws.exchanges, 20);
  EXPECT_LE(aws.exchanges, 30);
}

TEST_F(WebIdentityUnderAQueue, RefreshesOnceAndSendsAgainWhereTheServiceSaysExpired) {
  for (auto const* code : {"ExpiredTokenException", "ExpiredToken", "InvalidClientTokenId"}) {
    ASSERT_TRUE(send().has_value());
    int const before = aws.exchanges;
    aws.revoke();
    aws.refuse_as = code;
    clock.advance(10min);
    auto const rejected = send();
    EXPECT_TRUE(rejected.has_value()) << code;
    EXPECT_EQ(aws.exchanges, before + 1) << code;
  }
  EXPECT_EQ(aws.refusals, 3);
}

TEST_F(WebIdentityUnderAQueue, AsksNoNewCredentialsForAMissingPermission) {
  ASSERT_TRUE(send().has_value());
  aws.revoke();
  aws.refuse_as = "AccessDeniedException";
  auto const rejected = send();
  ASSERT_FALSE(rejected.has_value());
  EXPECT_EQ(rejected.error().code, Errc::denied);
  EXPECT_THAT(rejected.error().message,
              HasSubstr("denied the web identity arn:aws:iam::123456789012:role/edw"));
  EXPECT_THAT(rejected.error().message, HasSubstr("sqs:SendMessage"));
  EXPECT_EQ(aws.exchanges, 1);
}

TEST_F(WebIdentityUnderAQueue, ServesTheOldCredentialsWhileStsIsDownAndTheyAreValid) {
  ASSERT_TRUE(send().has_value());
  aws.down = true;
  clock.advance(55min);
  EXPECT_TRUE(send().has_value());
  clock.advance(3min);
  EXPECT_TRUE(send().has_value());
  clock.advance(10min);
  auto const rejected = send();
  ASSERT_FALSE(rejected.has_value());
  EXPECT_EQ(rejected.error().code, Errc::transient);
  EXPECT_THAT(rejected.error().message,
              HasSubstr("web identity: STS at https://sts.eu-west-1.amazonaws.com"));
  EXPECT_FALSE(rejected.error().maybe_applied);
  aws.down = false;
  clock.advance(2min);
  EXPECT_TRUE(send().has_value());
}

TEST_F(WebIdentityUnderAQueue, NamesTheFileThatIsGone) {
  environment =
      base::Environment({{"AWS_ROLE_ARN", "arn:r"}, {"AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere/token"}});
  cloud = storage::aws::make_cloud({loop.get_executor(), aws, clock, random, environment, log});
  queue = cloud->queue(Uri::parse("https://sqs.eu-west-1.amazonaws.com/123456789012/q").value()).value();
  auto const rejected = send();
  ASSERT_FALSE(rejected.has_value());
  EXPECT_EQ(rejected.error().code, Errc::denied);
  EXPECT_THAT(rejected.error().message, HasSubstr("/nowhere/token"));
  EXPECT_EQ(aws.exchanges, 0);
}
