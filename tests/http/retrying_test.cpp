#include "http/retrying.hpp"

#include <gmock/gmock.h>

#include <boost/asio/detached.hpp>

#include "fakes/client.hpp"
#include "fakes/clock.hpp"
#include "fakes/run.hpp"
#include "http/retry_after.hpp"

using base::Errc;
using base::Error;
using http::RetryPolicy;
using http::RetryQuota;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

std::optional<Error> classify(http::Response const& response) {
  if (response.ok()) return std::nullopt;
  Error error(response.status == 429 || response.status == 503 ? Errc::throttled
              : response.status >= 500                         ? Errc::transient
              : response.status == 404                         ? Errc::absent
                                                               : Errc::invalid,
              "it said " + std::to_string(response.status));
  error.http_status = response.status;
  return error;
}

// Always the same chance, so that the waits can be told in advance.
class Constant final : public base::Random {
 public:
  explicit Constant(double unit) : bits_(static_cast<std::uint64_t>(unit * 0x1.0p53) << 11) {}
  std::uint64_t next() override { return bits_; }

 private:
  std::uint64_t bits_;
};

class Lines final : public base::Log {
 public:
  using base::Log::write;
  bool wants(base::Level) const override { return true; }
  void write(base::Level, std::string_view text, std::span<base::Field const> fields) override {
    std::string line(text);
    for (auto const& [key, value] : fields) line += " " + std::string(key) + "=" + std::string(value);
    lines.push_back(line);
  }
  std::vector<std::string> lines;
};

Error broken(bool maybe_applied) {
  Error error(Errc::transient, "the connection broke");
  error.maybe_applied = maybe_applied;
  return error;
}

http::Headers header(std::string_view name, std::string value) {
  http::Headers headers;
  headers.set(name, std::move(value));
  return headers;
}

class Retrying : public testing::Test {
 protected:
  Retrying() { policy.classify = classify; }

  base::Result<http::Response> send(http::Request request = http::Request("POST", http::Origin{}, "/",
                                                                          "body")) {
    http::Retrying retrying(inner, policy, quota, clock, random, log);
    request.operation = "Op";
    return fakes::run(retrying.send(request));
  }

  fakes::Client inner;
  fakes::Clock clock;
  Constant random{0.5};
  Lines log;
  RetryQuota quota;
  RetryPolicy policy;
};

}  // namespace

TEST_F(Retrying, LeavesASuccessAlone) {
  quota.take(Errc::throttled);
  inner.reply(200, "fine");
  auto const response = send().value();
  EXPECT_EQ(response.body, "fine");
  EXPECT_EQ(response.attempts, 1);
  EXPECT_FALSE(response.maybe_applied);
  EXPECT_THAT(clock.slept, IsEmpty());
  EXPECT_EQ(quota.available(), 496);
}

TEST_F(Retrying, TakesOffWhatTheAttemptBeforePutOn) {
  struct Signing final : http::Client {
    explicit Signing(http::Client& inner_) : inner(inner_) {}
    base::Task<http::Response> send(http::Request& request) override {
      request.headers.add("Authorization", "x");
      request.target += "?sig=x";
      return inner.send(request);
    }
    http::Client& inner;
  } signing(inner);
  inner.reply(500);
  inner.reply(500);
  inner.reply(200);
  http::Retrying retrying(signing, policy, quota, clock, random, log);
  http::Request request("POST", http::Origin{}, "/");
  request.headers.add("Host", "h");
  EXPECT_EQ(fakes::run(retrying.send(request))->attempts, 3);
  ASSERT_EQ(inner.requests.size(), 3U);
  EXPECT_EQ(inner.requests.at(2).headers.size(), 2U);
  EXPECT_EQ(inner.requests.at(2).target, "/?sig=x");
}

TEST_F(Retrying, SendsTheSameRequestAgainAfterATransientFailure) {
  inner.fail(broken(false));
  inner.reply(500);
  inner.reply(200);
  auto const response = send().value();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.attempts, 3);
  EXPECT_TRUE(response.maybe_applied) << "a 500 may come after the service acted";
  EXPECT_EQ(inner.requests.size(), 3U);
  EXPECT_EQ(inner.requests.at(2).body, "body");
  EXPECT_THAT(clock.slept, ElementsAre(milliseconds(25), milliseconds(50)));
  EXPECT_EQ(quota.available(), 500 - 14) << "the last retry's price comes back, the first one's does not";
}

TEST_F(Retrying, WaitsLongerAndPaysLessAfterAThrottle) {
  inner.reply(503);
  inner.reply(429);
  inner.reply(200);
  auto const response = send().value();
  EXPECT_FALSE(response.maybe_applied) << "a service that throttles did not act";
  EXPECT_THAT(clock.slept, ElementsAre(milliseconds(500), milliseconds(1000)));
  EXPECT_EQ(quota.available(), 500 - 5);
}

TEST_F(Retrying, ReturnsTheLastResponseWhenItGivesUp) {
  for (int i = 0; i < 3; ++i) inner.reply(500, "try " + std::to_string(i));
  auto const response = send().value();
  EXPECT_EQ(response.body, "try 2");
  EXPECT_EQ(response.attempts, 3);
  EXPECT_TRUE(response.maybe_applied);
  EXPECT_EQ(quota.available(), 500 - 28);
}

TEST_F(Retrying, ReturnsTheLastErrorWithTheNumberOfAttempts) {
  inner.fail(broken(true));
  inner.fail(broken(false));
  inner.fail(broken(false));
  auto const result = send();
  ASSERT_TRUE(result.has_error());
  EXPECT_EQ(result.error().message, "the connection broke (after 3 attempts)");
  EXPECT_TRUE(result.error().maybe_applied) << "once applied, perhaps, is so for good";
}

TEST_F(Retrying, DoesNotRetryWhatNoRetryChanges) {
  inner.reply(404);
  EXPECT_EQ(send().value().attempts, 1);
  inner.fail(Error(Errc::invalid, "the certificate is not trusted"));
  auto const result = send();
  EXPECT_EQ(result.error().message, "the certificate is not trusted");
  EXPECT_EQ(inner.requests.size(), 2U);
  EXPECT_EQ(quota.available(), 500);
}

TEST_F(Retrying, RemembersAnEarlierAttemptOnAFinalAnswer) {
  inner.reply(500);
  inner.reply(404);
  EXPECT_TRUE(send().value().maybe_applied);
  inner.reply(503);
  inner.reply(404);
  EXPECT_FALSE(send().value().maybe_applied);
  inner.reply_with([](auto const&) {
    http::Response response;
    response.status = 200;
    response.maybe_applied = true;
    return response;
  });
  EXPECT_TRUE(send().value().maybe_applied) << "the transport's own word counts too";
}

TEST_F(Retrying, NeverRepeatsWhatMustNotBeRepeatedOnceItMayHaveActed) {
  http::Request request("POST", http::Origin{}, "/");
  request.repeatable = false;
  inner.fail(broken(false));
  inner.reply(503);
  inner.reply(500);
  auto const response = send(request).value();
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.attempts, 3);
  policy.max_attempts = 9;
  inner.reply(500);
  EXPECT_EQ(send(request).value().attempts, 1);
  inner.fail(broken(true));
  EXPECT_TRUE(send(request).error().maybe_applied);
  EXPECT_EQ(inner.requests.size(), 5U);
}

TEST_F(Retrying, StopsRetryingWhenTheQuotaIsSpent) {
  while (quota.take(Errc::transient) != 0) {
  }
  while (quota.take(Errc::throttled) != 0) {
  }
  inner.reply(500);
  EXPECT_EQ(send().value().attempts, 1);
  EXPECT_THAT(clock.slept, IsEmpty());
}

TEST_F(Retrying, BacksOffALongPollEvenWhenTheQuotaIsSpent) {
  while (quota.take(Errc::throttled) != 0) {
  }
  http::Request request("POST", http::Origin{}, "/");
  request.long_poll = true;
  inner.reply(429);
  EXPECT_EQ(send(request).value().attempts, 1);
  EXPECT_THAT(clock.slept, ElementsAre(milliseconds(500)));
  EXPECT_EQ(inner.requests.size(), 1U);
}

TEST_F(Retrying, TakesTheHintOfTheResponse) {
  inner.reply(503, "", header("Retry-After", "7"));
  inner.reply(200);
  send().value();
  policy.hint_slack = seconds(5);
  inner.reply(503, "", header("x-amz-retry-after", "600"));
  inner.reply(503, "", header("x-amz-retry-after", "600000"));
  inner.reply(200);
  send().value();
  EXPECT_THAT(clock.slept, ElementsAre(seconds(7), milliseconds(600), milliseconds(6000)));
}

TEST_F(Retrying, LogsEachRetryWithItsReason) {
  inner.reply(500);
  inner.reply(200);
  send().value();
  EXPECT_THAT(log.lines, ElementsAre("a request failed and will be sent again operation=Op attempt=1 "
                                     "reason=it said 500 (HTTP 500) delay_ms=25"));
}

TEST_F(Retrying, BeginsNothingAfterAStop) {
  std::stop_source stop;
  http::Request request("POST", http::Origin{}, "/");
  request.stop = stop.get_token();
  inner.reply_with([&stop](auto const&) {
    stop.request_stop();
    http::Response response;
    response.status = 500;
    return response;
  });
  EXPECT_EQ(send(request).value().status, 500);
  EXPECT_THAT(clock.slept, IsEmpty());
  EXPECT_EQ(send(request).error().code, Errc::cancelled);
  EXPECT_EQ(inner.requests.size(), 1U);
}

TEST_F(Retrying, EndsItsWaitAtOnceWhenStopped) {
  boost::asio::io_context loop;
  base::RealClock real;
  policy.transient_base = policy.cap = std::chrono::hours(1);
  http::Retrying retrying(inner, policy, quota, real, random, log);
  std::stop_source stop;
  http::Request request("POST", http::Origin{}, "/");
  request.stop = stop.get_token();
  inner.reply(500);
  std::optional<base::Result<http::Response>> result;
  auto run = [](http::Client& client, http::Request what, auto& into) -> boost::asio::awaitable<void> {
    into = co_await client.send(what);
  };
  boost::asio::co_spawn(loop, run(retrying, request, result), boost::asio::detached);
  while (log.lines.empty()) loop.run_one();  // it is about to wait
  loop.poll();
  EXPECT_FALSE(result.has_value());
  stop.request_stop();
  loop.run();
  EXPECT_EQ(result->value().status, 500);
  EXPECT_EQ(inner.requests.size(), 1U);
}

TEST(Backoff, DoublesToTheCapBeforeTheJitter) {
  RetryPolicy policy;
  std::vector<milliseconds> transient, throttled;
  for (int attempt = 1; attempt <= 10; ++attempt) {
    transient.push_back(backoff_bound(policy, Errc::transient, attempt));
    throttled.push_back(backoff_bound(policy, Errc::throttled, attempt));
  }
  auto const ms = [](auto... values) { return std::vector<milliseconds>{milliseconds(values)...}; };
  EXPECT_EQ(transient, ms(50, 100, 200, 400, 800, 1600, 3200, 6400, 12800, 20000));
  EXPECT_EQ(throttled, ms(1000, 2000, 4000, 8000, 16000, 20000, 20000, 20000, 20000, 20000));
  EXPECT_EQ(backoff_bound(policy, Errc::throttled, 1'000'000), milliseconds(20000));
  Error const error(Errc::transient, "");
  EXPECT_EQ(backoff(policy, error, 30, 0.0), milliseconds(0));
  EXPECT_EQ(backoff(policy, error, 30, 0.5), milliseconds(10000));
  EXPECT_LT(backoff(policy, error, 30, 0.999999), milliseconds(20000));
}

TEST(Backoff, BelievesAHintWithinItsLimits) {
  struct Case {
    std::optional<int> slack;
    int hint, wait;
  };
  // The computed wait is 50 ms: half of 100.
  for (auto const& [slack, hint, wait] :
       {Case{{}, 10, 50}, Case{{}, 3000, 3000}, Case{{}, 100'000, 60'000}, Case{5000, 10, 50},
        Case{5000, 3000, 3000}, Case{5000, 100'000, 5050}}) {
    RetryPolicy policy;
    if (slack) policy.hint_slack = milliseconds(*slack);
    Error error(Errc::transient, "");
    error.retry_after = milliseconds(hint);
    EXPECT_EQ(backoff(policy, error, 2, 0.5), milliseconds(wait)) << hint;
  }
}

TEST(RetryQuota, SellsUntilItIsSpentAndNeverHoldsMoreThanItsCapacity) {
  RetryQuota quota;
  int sold = 0;
  while (quota.take(Errc::transient) == 14) ++sold;
  EXPECT_EQ(sold, 35);
  EXPECT_EQ(quota.available(), 10);
  EXPECT_EQ(quota.take(Errc::throttled), 5);
  EXPECT_EQ(quota.take(Errc::throttled), 5);
  EXPECT_EQ(quota.take(Errc::throttled), 0);
  quota.give_back(1);
  EXPECT_EQ(quota.available(), 1);
  quota.give_back(5000);
  EXPECT_EQ(quota.available(), 500);
}

TEST(RetryAfter, IsUnderstoodInAllItsForms) {
  base::System const now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + std::chrono::hours(1);
  struct Case {
    char const *name, *value;
    std::optional<std::int64_t> ms;
  };
  for (auto const& [name, value, ms] : {
           Case{"Retry-After", "3", 3000},
           Case{"retry-after", " 0 ", 0},
           Case{"Retry-After", "1.5", 1000},
           Case{"Retry-After", "Sun, 22 Nov 2026 01:00:05 GMT", 5000},
           Case{"Retry-After", "Sun, 22 Nov 2026 00:59:00 GMT", 0},
           Case{"Retry-After", "Sun, 02 Jan 1678 00:00:00 GMT", 0},
           Case{"Retry-After", "Sunday, 22-Nov-26 01:00:05 GMT", 5000},
           Case{"Retry-After", "Sun Nov 22 01:00:05 2026", 5000},
           Case{"Retry-After", "-1", {}},
           Case{"Retry-After", "soon", {}},
           Case{"Retry-After", "", {}},
           Case{"Retry-After", "99999999999999999999", {}},
           Case{"Retry-After", "9999999999999999", 31536000000},
           Case{"retry-after-ms", "250", 250},
           Case{"x-ms-retry-after-ms", "251", 251},
           Case{"x-amz-retry-after", "252", 252},
           Case{"x-amz-retry-after", "x", {}},
           Case{"X-Other", "1", {}},
       }) {
    auto const hint = http::retry_after(header(name, value), now);
    EXPECT_EQ(hint ? std::optional(hint->count()) : std::nullopt, ms) << name << ": " << value;
  }
}

TEST(RetryAfter, BelievesTheMorePreciseHeaderFirst) {
  http::Headers headers;
  headers.add("retry-after", "9");
  EXPECT_EQ(http::retry_after(headers, {}), seconds(9));
  headers.add("x-amz-retry-after", "8");
  EXPECT_EQ(http::retry_after(headers, {}), milliseconds(8));
  headers.add("x-ms-retry-after-ms", "7");
  EXPECT_EQ(http::retry_after(headers, {}), milliseconds(7));
  headers.add("retry-after-ms", "broken");
  EXPECT_EQ(http::retry_after(headers, {}), milliseconds(7));
  headers.set("retry-after-ms", "6");
  EXPECT_EQ(http::retry_after(headers, {}), milliseconds(6));
}
