#include "auth/core/signing.hpp"

#include <gtest/gtest.h>

#include "fakes/client.hpp"
#include "fakes/clock.hpp"
#include "fakes/run.hpp"
#include "http/retrying.hpp"

namespace {

// Signs with a number that grows, so that each attempt's signature can be told from the last.
class Counting final : public auth::Signer {
 public:
  base::Task<> sign(http::Request& request) override {
    if (refusal) co_return *refusal;
    request.headers.add("Authorization", "number " + std::to_string(++count));
    co_return base::Result<>();
  }
  int count = 0;
  std::optional<base::Error> refusal;
};

http::Request request() { return {"POST", http::Origin{}, "/", "body"}; }

}  // namespace

TEST(Signing, SignsTheRequestBeforeItGoesOn) {
  fakes::Client inner;
  inner.reply(201);
  Counting signer;
  auth::Signing signing(inner, signer);
  auto request = ::request();
  EXPECT_EQ(fakes::run(signing.send(request)).value().status, 201);
  EXPECT_EQ(*inner.requests.at(0).headers.find("Authorization"), "number 1");
  EXPECT_EQ(inner.requests.at(0).body, "body");
}

TEST(Signing, SendsNothingWithoutACredential) {
  fakes::Client inner;
  Counting signer;
  signer.refusal = base::Error(base::Errc::denied, "there is no key: set one");
  auth::Signing signing(inner, signer);
  auto request = ::request();
  auto const result = fakes::run(signing.send(request));
  EXPECT_EQ(result.error().code, base::Errc::denied);
  EXPECT_EQ(result.error().message, "there is no key: set one");
  EXPECT_TRUE(inner.requests.empty());
}

TEST(Signing, BelowRetryingSignsEveryAttemptAnew) {
  fakes::Client inner;
  inner.fail(base::Error(base::Errc::transient, "the connection broke"));
  inner.reply(200);
  Counting signer;
  auth::Signing signing(inner, signer);
  fakes::Clock clock;
  base::SeededRandom random(1);
  base::NoLog log;
  http::RetryQuota quota;
  http::Retrying retrying(signing, http::RetryPolicy(), quota, clock, random, log);
  auto request = ::request();
  EXPECT_EQ(fakes::run(retrying.send(request)).value().attempts, 2);
  ASSERT_EQ(inner.requests.size(), 2U);
  EXPECT_EQ(*inner.requests.at(0).headers.find("Authorization"), "number 1");
  EXPECT_EQ(*inner.requests.at(1).headers.find("Authorization"), "number 2");
  EXPECT_EQ(inner.requests.at(1).headers.size(), inner.requests.at(0).headers.size());
}
