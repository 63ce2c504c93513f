#include "auth/azure/shared_key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/clock.hpp"
#include "fakes/run.hpp"

using auth::azure::Service;
using namespace auth::azure;

namespace {

base::Secret const key("not a real key, only a test's");

http::Request request(std::string method, std::string target) {
  http::Origin origin;
  origin.host = "myaccount.queue.core.windows.net";
  return http::Request(std::move(method), origin, std::move(target));
}

}  // namespace

// The strings of these tests are the ones that the service's documentation gives as examples.

TEST(SharedKey, PutsParametersOfTheResourceInOrder) {
  EXPECT_EQ(
      canonicalized_resource(Service::queue, "myaccount", "/mycontainer?restype=container&comp=metadata"),
      "/myaccount/mycontainer\ncomp:metadata\nrestype:container");
  EXPECT_EQ(
      canonicalized_resource(Service::queue, "myaccount",
                             "/mycontainer?restype=container&comp=list&include=snapshots&include="
                             "metadata&include=uncommittedblobs"),
      "/myaccount/mycontainer\ncomp:list\ninclude:metadata,snapshots,uncommittedblobs\nrestype:container");
}

TEST(SharedKey, BuildsTheStringToSignOfTheQueueService) {
  auto get = request("GET", "/mycontainer?restype=container&comp=metadata&timeout=20");
  get.headers.set("x-ms-version", "2015-02-21");
  get.headers.set("x-ms-date", "Fri, 26 Jun 2015 23:39:12 GMT");
  EXPECT_EQ(string_to_sign(Service::queue, "myaccount", get),
            "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2015-02-21\n"
            "/myaccount/mycontainer\ncomp:metadata\nrestype:container\ntimeout:20");
}

TEST(SharedKey, BuildsTheShorterStringToSignOfTheTableService) {
  auto get = request("GET", "/Tables?$top=3");
  get.headers.set("Date", "Sun, 11 Oct 2009 19:52:39 GMT");
  EXPECT_EQ(string_to_sign(Service::table, "testaccount1", get),
            "GET\n\n\nSun, 11 Oct 2009 19:52:39 GMT\n/testaccount1/Tables");
}

// From here on the signatures were computed with another implementation of HMAC.

TEST(SharedKey, SignsWithTheDecodedKey) {
  EXPECT_EQ(authorization("myaccount", key,
                          "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:"
                          "2015-02-21\n/myaccount/mycontainer\ncomp:metadata\nrestype:container\ntimeout:20"),
            "SharedKey myaccount:zo3LOcdydfsLttwPeuOxIXGdbwmCNu4dPMMPXxbMB1I=");
  EXPECT_EQ(
      authorization("testaccount1", key, "GET\n\n\nSun, 11 Oct 2009 19:52:39 GMT\n/testaccount1/Tables"),
      "SharedKey testaccount1:eGHNWlSI5nc9NW0y450cAndgiFgx1vRvMDP9eL5jQuQ=");
}

TEST(SharedKey, SignsARequestToAPathStyleEndpoint) {
  fakes::Clock clock;
  SharedKey signer("devstoreaccount1", key, Service::queue, clock);
  auto post = request("POST", "/devstoreaccount1/q/messages?messagettl=-1");
  post.headers.set("Content-Type", "application/xml");
  post.body = "12345";
  ASSERT_TRUE(fakes::run(signer.sign(post)).has_value());
  EXPECT_EQ(*post.headers.find("x-ms-date"), "Sun, 22 Nov 2026 01:00:00 GMT");
  EXPECT_EQ(*post.headers.find("x-ms-version"), "2025-11-05");
  EXPECT_EQ(*post.headers.find("authorization"),
            "SharedKey devstoreaccount1:7p3Psf06ouRPZ2HNwbTmNnlQbqIM48MknSZtZy+ZlZg=");
}

TEST(SharedKey, SignsEachAttemptWithAFreshDateAndKeepsAVersionThatIsThere) {
  fakes::Clock clock;
  SharedKey signer("a", key, Service::table, clock);
  auto get = request("GET", "/t");
  get.headers.set("x-ms-version", "2019-02-02");
  ASSERT_TRUE(fakes::run(signer.sign(get)).has_value());
  auto const first = *get.headers.find("Authorization");
  clock.advance(std::chrono::seconds(1));
  ASSERT_TRUE(fakes::run(signer.sign(get)).has_value());
  EXPECT_EQ(*get.headers.find("x-ms-date"), "Sun, 22 Nov 2026 01:00:01 GMT");
  EXPECT_NE(*get.headers.find("Authorization"), first);
  EXPECT_EQ(*get.headers.find("x-ms-version"), "2019-02-02");
}

TEST(SharedKey, WritesNoLengthForAnEmptyBody) {
  auto put = request("PUT", "/q");
  EXPECT_EQ(string_to_sign(Service::queue, "a", put), "PUT\n\n\n\n\n\n\n\n\n\n\n\n/a/q");
  put.body = "abc";
  EXPECT_EQ(string_to_sign(Service::queue, "a", put), "PUT\n\n\n3\n\n\n\n\n\n\n\n\n/a/q");
}

TEST(SharedKey, SignsEveryStandardFieldInItsPlace) {
  auto put = request("PUT", "/q");
  for (auto const* name : {"Content-Encoding", "Content-Language", "Content-MD5", "Content-Type", "Date",
                           "If-Modified-Since", "If-Match", "If-None-Match", "If-Unmodified-Since", "Range"})
    put.headers.set(name, std::string("<") + name + '>');
  EXPECT_EQ(string_to_sign(Service::queue, "a", put),
            "PUT\n<Content-Encoding>\n<Content-Language>\n\n<Content-MD5>\n<Content-Type>\n<Date>\n"
            "<If-Modified-Since>\n<If-Match>\n<If-None-Match>\n<If-Unmodified-Since>\n<Range>\n/a/q");
}

TEST(SharedKey, PutsHeadersInOrderInLowerCaseAndUnfolded) {
  http::Headers headers;
  headers.add("X-Ms-Version", "2025-11-05");
  headers.add("x-ms-meta-b", "  two\r\n   lines ");
  headers.add("x-ms-meta-a", std::string(40, '9'));
  headers.add("x-ms-meta-a", "1");
  headers.add("X-MS-Meta-A", std::string(40, '2'));
  headers.add("Content-Type", "text/plain");
  EXPECT_EQ(canonicalized_headers(headers), "x-ms-meta-a:" + std::string(40, '9') + ",1," +
                                                std::string(40, '2') +
                                                "\nx-ms-meta-b:two lines\nx-ms-version:2025-11-05\n");
}

TEST(SharedKey, DecodesTheQueryButNotThePath) {
  EXPECT_EQ(canonicalized_resource(Service::queue, "a", "/q/messages/i%2Fd?popreceipt=x%2By%3D&b&%41=c"),
            "/a/q/messages/i%2Fd\na:c\nb:\npopreceipt:x+y=");
}

TEST(SharedKey, KeepsOnlyCompOfATableQuery) {
  EXPECT_EQ(canonicalized_resource(Service::table, "a", "/t()?$filter=x&comp=acl"), "/a/t()?comp=acl");
  EXPECT_EQ(canonicalized_resource(Service::table, "a", "/a/t(PartitionKey='%27%27')?$top=1"),
            "/a/a/t(PartitionKey='%27%27')");
}

TEST(SharedKey, CorrectsItsDateByTheServicesWhereOursIsFarOff) {
  fakes::Clock clock;
  auth::azure::SharedKey signer("myaccount", key, Service::queue, clock);
  auto sent = request("GET", "/q/messages");
  ASSERT_TRUE(fakes::run(signer.sign(sent)));
  http::Response refusal;
  refusal.status = 403;
  EXPECT_FALSE(signer.renew(sent, refusal)) << "the service told no date";
  refusal.headers.set("Date", "Sun, 22 Nov 2026 01:04:00 GMT");
  EXPECT_FALSE(signer.renew(sent, refusal)) << "the date can't be the reason";
  refusal.headers.set("Date", "Sun, 22 Nov 2026 03:00:00 GMT");
  EXPECT_TRUE(signer.renew(sent, refusal));

  clock.advance(std::chrono::minutes(10));
  auto again = request("GET", "/q/messages");
  ASSERT_TRUE(fakes::run(signer.sign(again)));
  EXPECT_EQ(*again.headers.find("x-ms-date"), "Sun, 22 Nov 2026 03:10:00 GMT");
  refusal.headers.set("Date", "Sun, 22 Nov 2026 03:10:00 GMT");
  EXPECT_FALSE(signer.renew(again, refusal)) << "the date is right by now, so the key is wrong";
}
