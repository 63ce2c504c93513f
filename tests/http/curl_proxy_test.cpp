#include <gmock/gmock.h>

#include "http/curl/proxies.hpp"
#include "http/transport.hpp"

using base::Errc;
using fakes::read;
using fakes::response;
using fakes::write;
using http::curl::no_proxy_covers;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace {

class CurlProxy : public Transport {
 protected:
  std::string url(std::string const& userinfo = {}) const {
    return "http://" + userinfo + "127.0.0.1:" + std::to_string(proxy.port());
  }
  fakes::Server proxy{loop};
  http::Origin const plain{"http", "service.test", 80};
  http::Origin const secure{"https", "service.test", 443};
};

}  // namespace

TEST_F(CurlProxy, AsksAForwardProxyForTheWholeUrl) {
  auto const through = make({{"http_proxy", url()}}).value();
  EXPECT_EQ(send(*through, http::Request("POST", plain, "/q/messages?a=b", "x")).value().body, "ok");
  EXPECT_EQ(proxy.requests().at(0).target, "http://service.test/q/messages?a=b");
  EXPECT_EQ(*proxy.requests().at(0).headers.find("Host"), "service.test");
}

TEST_F(CurlProxy, TunnelsHttpsAndShowsTheProxyNoCredential) {
  fakes::Authority authority;
  fakes::TempDir dir;
  fakes::Server service(loop, authority.issue("service.test"));
  proxy.script(
      {read(), write("HTTP/1.1 200 Connected\r\nX-Proxy: 1\r\n\r\n"), fakes::tunnel(service.port())});
  auto const through = make({{"HTTPS_PROXY", url()}}, dir.write("ca.pem", authority.pem())).value();
  http::Request request("POST", secure, "/x?sig=hidden", "body");
  request.headers.set("Authorization", "Bearer hidden");
  auto const answer = send(*through, request).value();
  EXPECT_EQ(answer.body, "ok");
  EXPECT_FALSE(answer.headers.find("X-Proxy"));
  EXPECT_EQ(proxy.requests().at(0).target, "service.test:443");
  EXPECT_THAT(proxy.requests().at(0).head, Not(HasSubstr("hidden")));
  EXPECT_EQ(service.requests().at(0).target, "/x?sig=hidden");
  EXPECT_EQ(*service.requests().at(0).headers.find("Authorization"), "Bearer hidden");
}

TEST_F(CurlProxy, GivesTheProxyItsOwnCredential) {
  auto const through = make({{"all_proxy", url("user:pass@")}}).value();
  EXPECT_TRUE(send(*through, http::Request("GET", plain, "/")).has_value());
  EXPECT_EQ(*proxy.requests().at(0).headers.find("Proxy-Authorization"), "Basic dXNlcjpwYXNz");
}

TEST_F(CurlProxy, DecodesItsCredential) {
  auto const through = make({{"http_proxy", url("us%40er:p%3Ass@")}}).value();
  EXPECT_TRUE(send(*through, http::Request("GET", plain, "/")).has_value());
  EXPECT_EQ(*proxy.requests().at(0).headers.find("Proxy-Authorization"), "Basic dXNAZXI6cDpzcw==");
}

TEST_F(CurlProxy, IsItselfReachedByTls) {
  fakes::Authority authority;
  fakes::TempDir dir;
  fakes::Server sealed(loop, authority.issue("127.0.0.1"));
  auto const through =
      make({{"http_proxy", sealed.origin().to_string()}}, dir.write("ca.pem", authority.pem())).value();
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(send(*through, http::Request("POST", plain, "/q", "x")).value().body, "ok");
  EXPECT_EQ(sealed.requests().at(0).target, "http://service.test/q");
  EXPECT_EQ(sealed.connections(), 1);
}

TEST_F(CurlProxy, TunnelsTlsThroughTls) {
  fakes::Authority authority;
  fakes::TempDir dir;
  fakes::Server service(loop, authority.issue("service.test"));
  fakes::Server sealed(loop, authority.issue("127.0.0.1"));
  sealed.script({read(), write("HTTP/1.1 200 Connected\r\n\r\n"), fakes::tunnel(service.port())});
  auto const through =
      make({{"https_proxy", sealed.origin().to_string()}}, dir.write("ca.pem", authority.pem())).value();
  std::string const large(3 << 20, 'x');
  service.reply([&](auto const& request) { return response(200, request.body); });
  for (auto const& body : {std::string("small"), large, std::string()}) {
    http::Request const request("POST", secure, "/x?sig=hidden", body);
    EXPECT_TRUE(send(*through, request).value().body == body);
  }
  EXPECT_THAT(sealed.requests().at(0).head, Not(HasSubstr("hidden")));
  EXPECT_EQ(sealed.connections(), 1);
  EXPECT_EQ(service.connections(), 1);
  EXPECT_EQ(service.requests().at(0).server_name, "service.test");
}

TEST_F(CurlProxy, IsBelievedByTheClientsAuthoritiesAndNotByThoseOfAPeer) {
  fakes::Authority client_authority;
  fakes::Authority inner_authority;
  fakes::TempDir dir;
  fakes::Server service(loop, inner_authority.issue("inner.test"));
  fakes::Server sealed(loop, client_authority.issue("127.0.0.1"));
  sealed.script({read(), write("HTTP/1.1 200 Connected\r\n\r\n"), fakes::tunnel(service.port())});
  http::Request request("POST", secure, "/token", "x");
  request.peer.emplace();
  request.peer->name = "inner.test";
  request.peer->authorities = inner_authority.pem();
  auto const through =
      make({{"https_proxy", sealed.origin().to_string()}}, dir.write("ca.pem", client_authority.pem()))
          .value();
  EXPECT_EQ(send(*through, request).value().body, "ok");
  auto const untrusting = make({{"https_proxy", sealed.origin().to_string()}}).value();
  EXPECT_TRUE(send(*untrusting, request).has_error());
  EXPECT_EQ(service.requests().size(), 1U);
}

TEST_F(CurlProxy, SaysWhyNoTunnelWasOpened) {
  auto const through = make({{"https_proxy", url("user:hunter2@")}}).value();
  struct Case {
    int status;
    Errc code;
  };
  for (auto const& [status, code] :
       {Case{407, Errc::invalid}, Case{403, Errc::invalid}, Case{502, Errc::transient}}) {
    proxy.script({read(), write(response(status))});
    auto const result = send(*through, http::Request("POST", secure, "/?sig=hidden", "x"));
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error().code, code) << status;
    EXPECT_FALSE(result.error().maybe_applied);
    EXPECT_THAT(result.error().message,
                StartsWith("the proxy of https_proxy did not open a tunnel to https://service.test"));
    EXPECT_THAT(result.error().message, Not(HasSubstr("hunter2")));
    EXPECT_THAT(result.error().message, Not(HasSubstr("hidden")));
  }
}

TEST_F(CurlProxy, NamesTheVariableOfAProxyThatIsNotThere) {
  auto const absent = make({{"http_proxy", "http://no-such-proxy.invalid:3128"}}).value();
  auto const result = send(*absent, http::Request("GET", plain, "/"));
  ASSERT_TRUE(result.has_error());
  EXPECT_THAT(result.error().message, HasSubstr("http_proxy"));
  auto const odd = make({{"http_proxy", "gopher://127.0.0.1:1"}}).value();
  auto const refused = send(*odd, http::Request("GET", plain, "/"));
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code, Errc::invalid);
  EXPECT_THAT(refused.error().message, HasSubstr("http_proxy"));
}

TEST_F(CurlProxy, GoesDirectlyWhereNoProxySaysSo) {
  fakes::Server service(loop);
  auto const through = make({{"http_proxy", url()}, {"no_proxy", "example.com, 127.0.0.0/8"}}).value();
  EXPECT_TRUE(send(*through, http::Request("GET", service.origin(), "/")).has_value());
  EXPECT_EQ(proxy.connections(), 0);
  EXPECT_EQ(service.requests().at(0).target, "/");
}

TEST_F(CurlProxy, BelievesOnlyTheEnvironmentItWasGiven) {
  fakes::Server service(loop);
  ::setenv("http_proxy", url().c_str(), 1);
  auto const through = make().value();
  auto const result = send(*through, http::Request("GET", service.origin(), "/"));
  ::unsetenv("http_proxy");
  EXPECT_TRUE(result.has_value());
  EXPECT_EQ(proxy.connections(), 0);
}

TEST(Proxies, AreChosenBySchemeInCurlsOrder) {
  using http::curl::Proxies;
  http::Origin const plain{"http", "a", 80};
  http::Origin const secure{"https", "a", 443};
  auto const chosen = [](Variables variables, http::Origin const& origin) {
    Proxies const proxies{base::Environment(std::move(variables))};
    auto const* proxy = proxies.choose(origin);
    return proxy == nullptr ? "direct" : proxy->url + " of " + proxy->variable;
  };
  EXPECT_EQ(chosen({}, plain), "direct");
  EXPECT_EQ(chosen({{"HTTP_PROXY", "p"}}, plain), "direct");
  EXPECT_EQ(chosen({{"http_proxy", "p"}}, plain), "p of http_proxy");
  EXPECT_EQ(chosen({{"http_proxy", "p"}}, secure), "direct");
  EXPECT_EQ(chosen({{"https_proxy", "p"}, {"HTTPS_PROXY", "q"}}, secure), "p of https_proxy");
  EXPECT_EQ(chosen({{"HTTPS_PROXY", "q"}, {"all_proxy", "r"}}, secure), "q of HTTPS_PROXY");
  EXPECT_EQ(chosen({{"ALL_PROXY", "r"}}, plain), "r of ALL_PROXY");
  EXPECT_EQ(chosen({{"https_proxy", ""}, {"ALL_PROXY", "r"}}, secure), "r of ALL_PROXY");
  EXPECT_EQ(chosen({{"all_proxy", "r"}, {"NO_PROXY", "*"}}, secure), "direct");
  for (auto const* host : {"169.254.169.254", "169.254.170.23", "[fd00:ec2::254]", "[fe80::1]"})
    EXPECT_EQ(chosen({{"all_proxy", "r"}}, {"http", host, 80}), "direct") << host;
  EXPECT_EQ(chosen({{"all_proxy", "r"}}, {"http", "169.254.evil.example", 80}), "r of all_proxy");
}

TEST(Proxies, NoProxyFollowsCurlsRules) {
  struct Case {
    char const* list;
    char const* host;
    bool covered;
  };
  for (auto const& [list, host, covered] : {
           Case{"", "example.com", false},
           Case{"*", "example.com", true},
           Case{" * ", "example.com", true},
           Case{"a,*", "example.com", false},
           Case{"example.com", "example.com", true},
           Case{"example.com", "www.example.com", true},
           Case{"example.com", "notexample.com", false},
           Case{"example.com", "example.com.evil", false},
           Case{".example.com", "example.com", true},
           Case{".example.com", "a.b.example.com", true},
           Case{"EXAMPLE.com.", "example.COM", true},
           Case{"example.com", "example.com.", true},
           Case{"a.test b.test,c.test", "b.test", true},
           Case{"a.test, b.test", "b.test", true},
           Case{"localhost", "127.0.0.1", false},
           Case{"127.0.0.1", "127.0.0.1", true},
           Case{"127.0.0.1", "127.0.0.10", false},
           Case{"0.0.1", "127.0.0.1", false},
           Case{"10.0.0.0/8", "10.200.3.4", true},
           Case{"10.0.0.0/8", "11.0.0.1", false},
           Case{"10.0.0.0/33", "10.0.0.0", false},
           Case{"10.0.0.0/", "10.0.0.0", false},
           Case{"192.168.4.128/25", "192.168.4.127", false},
           Case{"192.168.4.128/25", "192.168.4.129", true},
           Case{"::1", "[::1]", true},
           Case{"[::1]", "[::1]", true},
           Case{"fd00::/8", "[fd12::1]", true},
           Case{"10.0.0.0/8", "[fd12::1]", false},
           Case{",,", "example.com", false},
           Case{".", "example.com", false},
       })
    EXPECT_EQ(no_proxy_covers(list, host), covered) << list << " for " << host;
}
