#include <gmock/gmock.h>

#include "http/headers.hpp"
#include "http/origin.hpp"

using http::Origin;
using http::parse_url;
using testing::HasSubstr;
using testing::Not;

TEST(Url, IsSplitIntoOriginPathAndQuery) {
  struct Case {
    char const *text, *origin, *path, *query;
    int port;
  };
  for (auto const& [text, origin, path, query, port] : {
           Case{"https://a.example", "https://a.example", "", "", 443},
           Case{"http://a.example/", "http://a.example", "/", "", 80},
           Case{"HTTPS://A.Example:443/P/q?X=y", "https://a.example", "/P/q", "X=y", 443},
           Case{"http://a:8080?x", "http://a:8080", "", "x", 8080},
           Case{"http://a/b?c?d", "http://a", "/b", "c?d", 80},
           Case{"http://127.0.0.1:10001/devstoreaccount1", "http://127.0.0.1:10001", "/devstoreaccount1", "",
                10001},
           Case{"http://[::1]:8000/x", "http://[::1]:8000", "/x", "", 8000},
           Case{"http://[fd00:ec2::23]/x", "http://[fd00:ec2::23]", "/x", "", 80},
           Case{"https://a:80/", "https://a:80", "/", "", 80},
           Case{"https://a/%2F%20/..?%00", "https://a", "/%2F%20/..", "%00", 443},
       }) {
    auto const url = parse_url(text);
    ASSERT_TRUE(url.has_value()) << text;
    EXPECT_EQ(url->origin.to_string(), origin) << text;
    EXPECT_EQ(url->origin.port, port) << text;
    EXPECT_EQ(url->path, path) << text;
    EXPECT_EQ(url->query, query) << text;
  }
}

TEST(Url, IsRefusedWithASentenceAndWithoutItsPassword) {
  for (auto const* text : {"",
                           "a.example",
                           "ftp://a",
                           "//a",
                           "https:/a",
                           "https://",
                           "https:///x",
                           "https://:80/",
                           "https://a:0/",
                           "https://a:65536/",
                           "https://a:x/",
                           "https://a:/",
                           "https://user:hunter2@a/",
                           "https://hunter2@a/",
                           "https://a/#f",
                           "https://a/ b",
                           "https://a\r\nx",
                           "https://a/\x7f",
                           "https://\xC3\xA4/",
                           "https://[::2]::80/",
                           "https://a:b:80/",
                           "https://a]/"}) {
    auto const url = parse_url(text);
    ASSERT_TRUE(url.has_error()) << text;
    EXPECT_EQ(url.error().code, base::Errc::invalid);
    EXPECT_THAT(url.error().message, HasSubstr("URL"));
    EXPECT_THAT(url.error().message, Not(HasSubstr("hunter2")));
  }
}

TEST(Origin, KnowsLoopbackByNameAndAddressOnly) {
  auto const loopback = [](char const* host) { return Origin{"http", host, 80}.loopback(); };
  for (auto const* host : {"localhost", "queue.localhost", "127.0.0.1", "127.1.2.3", "[::1]"})
    EXPECT_TRUE(loopback(host)) << host;
  for (auto const* host :
       {"127.evil.example", "localhost.example", "notlocalhost", "128.0.0.1", "10.0.0.1", "[::2]", ""})
    EXPECT_FALSE(loopback(host)) << host;
}

TEST(Origin, LeavesOutTheSchemesOwnPort) {
  EXPECT_EQ((Origin{"http", "a", 80}).authority(), "a");
  EXPECT_EQ((Origin{"http", "a", 443}).authority(), "a:443");
  EXPECT_EQ((Origin{"https", "a", 443}).authority(), "a");
}

TEST(Headers, CompareNamesWithoutCase) {
  http::Headers headers;
  headers.add("X-A", "1");
  headers.add("x-a", "2");
  EXPECT_EQ(*headers.find("X-a"), "1");
  headers.set("X-A", "3");
  EXPECT_EQ(headers.size(), 1U);
  headers.erase("x-A");
  EXPECT_TRUE(headers.empty());
  EXPECT_FALSE(headers.find("x-a"));
}

TEST(Headers, TakeOffTheLastOnes) {
  http::Headers headers;
  headers.add("A", "1");
  headers.add("B", "2");
  headers.erase("A");
  headers.add("C", "3");
  headers.truncate(1);
  headers.add("D", "4");
  std::string text;
  for (auto const& [name, value] : headers) text.append(name).append(value);
  EXPECT_EQ(text, "B2D4");
}
