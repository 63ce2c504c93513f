#include "auth/azure/sas.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.hpp"
#include "fakes/clock.hpp"
#include "fakes/run.hpp"

using namespace auth::azure;
using testing::HasSubstr;
using testing::Not;

TEST(Sas, StandsBehindTheQueryOfTheTarget) {
  std::string bare = "/q/messages";
  append_sas(bare, "sv=1&sig=x");
  EXPECT_EQ(bare, "/q/messages?sv=1&sig=x");
  std::string asking = "/q/messages?messagettl=-1";
  append_sas(asking, "sv=1&sig=x");
  EXPECT_EQ(asking, "/q/messages?messagettl=-1&sv=1&sig=x");
}

TEST(Sas, TellsItsExpiryInEveryFormTheServiceTakes) {
  auto const expiry = [](std::string_view sas) {
    auto const when = sas_expiry(sas);
    return when ? base::iso8601(*when) : "none";
  };
  EXPECT_EQ(expiry("sv=1&se=2026-11-22T01%3A02%3A03Z&sig=x"), "2026-11-22T01:02:03Z");
  EXPECT_EQ(expiry("se=2026-11-22T01:02:03.5Z"), "2026-11-22T01:02:03Z");
  EXPECT_EQ(expiry("se=2026-11-22T01:02Z"), "2026-11-22T01:02:00Z");
  EXPECT_EQ(expiry("se=2026-11-22"), "2026-11-22T00:00:00Z");
  EXPECT_EQ(expiry("se=2026-11-22T03:02:03%2B02:00"), "2026-11-22T01:02:03Z");
  EXPECT_EQ(expiry("si=policy&sig=x"), "none");
  EXPECT_EQ(expiry("se=tomorrow"), "none");
  EXPECT_EQ(expiry("se=9999-12-31T23:59:59Z"), "none");
  EXPECT_EQ(expiry(""), "none");
}

TEST(Sas, IsAppendedToEachAttempt) {
  fakes::Clock clock;
  Sas signer(base::Secret("se=2026-11-23&sig=abc"), "the SAS", clock);
  http::Request request("GET", {}, "/q?comp=metadata");
  ASSERT_TRUE(fakes::run(signer.sign(request)).has_value());
  EXPECT_EQ(request.target, "/q?comp=metadata&se=2026-11-23&sig=abc");
  EXPECT_EQ(*request.headers.find("x-ms-version"), api_version);
  EXPECT_FALSE(request.headers.find("Authorization"));
}

TEST(Sas, IsRefusedOnceExpiredWithTheTimeAndWithoutTheSignature) {
  fakes::Clock clock;
  Sas signer(base::Secret("se=2026-11-22T00:59:59Z&sig=hidden"), "the SharedAccessSignature", clock);
  http::Request request("GET", {}, "/q");
  auto const signed_ = fakes::run(signer.sign(request));
  ASSERT_FALSE(signed_.has_value());
  EXPECT_EQ(signed_.error().code, base::Errc::denied);
  EXPECT_THAT(signed_.error().message,
              HasSubstr("the SharedAccessSignature expired at 2026-11-22T00:59:59Z"));
  EXPECT_THAT(signed_.error().message, Not(HasSubstr("hidden")));
}
