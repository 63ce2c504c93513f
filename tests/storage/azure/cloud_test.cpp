#include "storage/azure/world.hpp"

using storage::Errc;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

namespace {

class Cloud : public World {
 protected:
  using World::World;
};

class CloudWithSas : public World {
 protected:
  CloudWithSas() : World("AccountName=acc;SharedAccessSignature=?se=2026-11-22T02%3A00%3A00Z&sig=hidden") {}
};

class CloudWithoutCredential : public World {
 protected:
  CloudWithoutCredential() : World("AccountName=acc") {}
};

class CloudWithSasOverHttp : public World {
 protected:
  CloudWithSasOverHttp() : World("QueueEndpoint=http://10.0.0.7/acc;SharedAccessSignature=sig=hidden") {}
};

class CloudWithBadString : public World {
 protected:
  CloudWithBadString() : World("AccountName=acc;AccountKey=!") {}
};

}  // namespace

TEST_F(Cloud, ClaimsUris) {
  EXPECT_TRUE(cloud->claims(storage::Uri::parse("azure:q").value()));
  EXPECT_FALSE(cloud->claims(storage::Uri::parse("aws:q").value()));
}

TEST_F(Cloud, SignsAgainWithTheServicesDateWhereOurClockIsFarOff) {
  auto refusal = with("x-ms-error-code", "AuthenticationFailed");
  refusal.set("Date", "Sun, 22 Nov 2026 09:00:00 GMT");
  client.reply(403, "", refusal);
  client.reply(200, "", with("x-ms-approximate-messages-count", "1"));
  EXPECT_TRUE(run(queue()->depth()).has_value());
  EXPECT_EQ(*client.requests.at(0).headers.find("x-ms-date"), "Sun, 22 Nov 2026 01:00:00 GMT");
  EXPECT_EQ(*client.requests.at(1).headers.find("x-ms-date"), "Sun, 22 Nov 2026 09:00:00 GMT");
}

TEST_F(CloudWithSas, PutsTheSasOnEveryRequest) {
  client.reply(200, "", with("x-ms-approximate-messages-count", "1"));
  ASSERT_TRUE(run(queue()->depth()).has_value());
  EXPECT_EQ(client.requests.at(0).target, "/work?comp=metadata&se=2026-11-22T02%3A00%3A00Z&sig=hidden");
  EXPECT_FALSE(client.requests.at(0).headers.find("Authorization"));
}

TEST_F(CloudWithSas, SendsNothingOnceItHasExpired) {
  clock.advance(std::chrono::hours(2));
  auto const depth = run(queue()->depth());
  ASSERT_FALSE(depth.has_value());
  EXPECT_EQ(depth.error().code, Errc::denied);
  EXPECT_THAT(depth.error().message, HasSubstr("expired at 2026-11-22T02:00:00Z"));
  EXPECT_THAT(depth.error().message, Not(HasSubstr("hidden")));
  EXPECT_THAT(client.requests, IsEmpty());
}

TEST_F(CloudWithSas, NamesTheSasWhereItIsRefused) {
  client.reply(403, "", with("x-ms-error-code", "AuthenticationFailed"));
  EXPECT_THAT(run(queue()->depth()).error().message,
              HasSubstr("the SharedAccessSignature of AZURE_STORAGE_CONNECTION_STRING"));
}

TEST_F(CloudWithoutCredential, SaysWhichVariableToSet) {
  client.fail(storage::Error(Errc::transient, "no metadata service"));
  auto const opened = run(queue()->open(false));
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Errc::denied);
  EXPECT_THAT(opened.error().message, HasSubstr("AZURE_STORAGE_CONNECTION_STRING"));
}

TEST_F(CloudWithSasOverHttp, RefusesToShowTheSasToTheNetwork) {
  auto const queue = cloud->queue(storage::Uri::parse("azure:work").value());
  ASSERT_FALSE(queue.has_value());
  EXPECT_EQ(queue.error().code, Errc::invalid);
  EXPECT_THAT(queue.error().message, HasSubstr("plain http"));
}

TEST_F(CloudWithBadString, SaysWhatIsWrongWithIt) {
  auto const table = cloud->table(storage::Uri::parse("azure:rows").value());
  ASSERT_FALSE(table.has_value());
  EXPECT_THAT(table.error().message, HasSubstr("base64"));
}
