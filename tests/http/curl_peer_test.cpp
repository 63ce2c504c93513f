#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/gather.hpp"
#include "http/transport.hpp"

using base::Errc;
using testing::HasSubstr;
using testing::Not;

namespace {

// A server that has a certificate for another name than the one it is reached by, of an authority that only
// the request knows.
class CurlPeer : public Transport {
 protected:
  http::Request request(std::string name, std::string authorities) const {
    http::Request request("POST", server.origin(), "/token", "body");
    request.peer.emplace();
    request.peer->name = std::move(name);
    request.peer->authorities = std::move(authorities);
    return request;
  }

  fakes::Authority authority;
  fakes::TempDir dir;
  fakes::Server server{loop, authority.issue("inner.test")};
};

}  // namespace

TEST_F(CurlPeer, IsAskedForByItsNameAndBelievedByItsAuthorities) {
  auto const answer = send(request("inner.test", authority.pem()));
  EXPECT_EQ(answer.value().status, 200);
  EXPECT_EQ(server.requests().at(0).server_name, "inner.test");
  EXPECT_EQ(*server.requests().at(0).headers.find("Host"), server.origin().authority());
  EXPECT_EQ(server.requests().at(0).target, "/token");
}

TEST_F(CurlPeer, IsRefusedUnderAnotherName) {
  auto const answer = send(request("outer.test", authority.pem()));
  ASSERT_TRUE(answer.has_error());
  EXPECT_EQ(answer.error().code, Errc::invalid);
  EXPECT_THAT(answer.error().message, HasSubstr("the name that it is expected to have"));
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(CurlPeer, IsBelievedByNoOtherAuthorities) {
  // Not even by those of the client itself.
  auto const trusting = make({}, dir.write("ca.pem", authority.pem())).value();
  fakes::Authority other;
  EXPECT_TRUE(send(*trusting, request("inner.test", other.pem())).has_error());
  EXPECT_EQ(send(*trusting, request("inner.test", {})).value().status, 200);
  EXPECT_TRUE(send(request("inner.test", {})).has_error());
}

TEST_F(CurlPeer, NeverSharesAConnection) {
  fakes::Server plain(loop, authority.issue("127.0.0.1"));
  auto const trusting = make({}, dir.write("ca.pem", authority.pem())).value();
  auto const origin = plain.origin();
  http::Request const usual("GET", origin, "/");
  http::Request own = usual;
  own.peer.emplace();
  own.peer->authorities = authority.pem();
  fakes::Authority other;
  http::Request foreign = usual;
  foreign.peer.emplace();
  foreign.peer->authorities = other.pem();

  EXPECT_TRUE(send(*trusting, own).has_value());
  EXPECT_TRUE(send(*trusting, own).has_value());
  EXPECT_EQ(plain.connections(), 2);
  EXPECT_TRUE(send(*trusting, usual).has_value());
  EXPECT_TRUE(send(*trusting, usual).has_value());
  EXPECT_EQ(plain.connections(), 3) << "only the usual one is kept";
  EXPECT_TRUE(send(*trusting, foreign).has_error()) << "though trusted connections stand";
  EXPECT_EQ(plain.requests().size(), 4);
  for (auto const& each : plain.requests()) EXPECT_FALSE(each.resumed);
}

TEST_F(CurlPeer, GoesThroughAProxyToTheAddressAndNotToTheName) {
  fakes::Server proxy(loop);
  proxy.script({fakes::read(), fakes::write("HTTP/1.1 200 Connected\r\n\r\n"), fakes::tunnel(server.port())});
  auto const through = make({{"https_proxy", proxy.origin().to_string()}}).value();
  EXPECT_EQ(send(*through, request("inner.test", authority.pem())).value().status, 200);
  EXPECT_EQ(proxy.requests().at(0).target, server.origin().authority());
  EXPECT_EQ(server.requests().at(0).server_name, "inner.test");
}

TEST_F(CurlPeer, CannotBeVouchedForByWhatIsNoCertificate) {
  for (auto const* text :
       {"no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    auto const answer = send(request("inner.test", text));
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::invalid);
    EXPECT_THAT(answer.error().message, HasSubstr("certificate"));
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(CurlPeer, IsLetGoWhereTheClientGoes) {
  server.script({fakes::read(), fakes::stall()});
  bool closed = false;
  auto closing = [&]() -> boost::asio::awaitable<void> {
    while (server.requests().empty()) co_await boost::asio::post(loop, boost::asio::use_awaitable);
    client.reset();
    closed = true;
  };
  boost::asio::co_spawn(loop, closing(), boost::asio::detached);
  auto const answer = send(request("inner.test", authority.pem()));
  EXPECT_TRUE(closed);
  ASSERT_TRUE(answer.has_error());
  EXPECT_EQ(answer.error().code, Errc::cancelled);
  EXPECT_TRUE(answer.error().maybe_applied);
}
