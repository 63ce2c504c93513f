#include <gmock/gmock.h>

#include "base/gather.hpp"
#include "http/transport.hpp"

using base::Errc;
using testing::HasSubstr;

namespace {

class CurlTls : public Transport {
 protected:
  base::Result<http::Response> ask(http::Client& through, fakes::Server const& of,
                                   std::string name = "127.0.0.1") {
    return send(through, http::Request("POST", of.origin(std::move(name)), "/?sig=hidden", "body"));
  }
  void refuses(base::Result<http::Response> const& result, std::string const& why,
               std::string const& name = "127.0.0.1") {
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error().code, Errc::invalid);
    EXPECT_FALSE(result.error().maybe_applied);
    EXPECT_THAT(result.error().message, HasSubstr("https://" + name + ':'));
    EXPECT_THAT(result.error().message, HasSubstr(why));
    EXPECT_THAT(result.error().message, HasSubstr("--ca-file or SSL_CERT_FILE"));
  }

  fakes::Authority authority;
  fakes::TempDir dir;
  std::string ca_file = dir.write("ca.pem", authority.pem());
  fakes::Server server{loop, authority.issue("127.0.0.1")};
};

}  // namespace

TEST_F(CurlTls, RefusesACertificateOfAnUnknownAuthority) {
  refuses(ask(*client, server), "unable to get local issuer certificate");
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(CurlTls, TrustsTheAuthorityOfTheCaFile) {
  auto const trusting = make({}, ca_file).value();
  EXPECT_EQ(ask(*trusting, server).value().status, 200);
}

TEST_F(CurlTls, TrustsTheAuthorityOfTheEnvironment) {
  for (auto const* variable : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"}) {
    auto const trusting = make({{variable, ca_file}}).value();
    EXPECT_EQ(ask(*trusting, server).value().status, 200) << variable;
  }
}

TEST_F(CurlTls, TrustsEveryFileThatIsNamed) {
  fakes::Authority other;
  fakes::Server second(loop, other.issue("127.0.0.1"));
  auto const trusting = make({{"SSL_CERT_FILE", ca_file}}, dir.write("other.pem", other.pem())).value();
  EXPECT_EQ(ask(*trusting, server).value().status, 200);
  EXPECT_EQ(ask(*trusting, second).value().status, 200);
}

TEST_F(CurlTls, RefusesACertificateOfAnotherHost) {
  auto const trusting = make({}, ca_file).value();
  refuses(ask(*trusting, server, "localhost"), "it is for another host", "localhost");
  fakes::Server named(loop, authority.issue("localhost"));
  refuses(ask(*trusting, named), "it is for another host");
  EXPECT_EQ(ask(*trusting, named, "localhost").value().status, 200);
  EXPECT_EQ(named.requests().at(0).server_name, "localhost");
  EXPECT_EQ(named.requests().size(), 1U);
}

TEST_F(CurlTls, RefusesAnExpiredCertificate) {
  fakes::Server expired(loop, authority.issue("127.0.0.1", -60));
  auto const trusting = make({}, ca_file).value();
  auto const result = ask(*trusting, expired);
  ASSERT_TRUE(result.has_error());
  EXPECT_EQ(result.error().code, Errc::invalid);
  EXPECT_THAT(result.error().message, HasSubstr("certificate has expired"));
}

namespace {

void expect_no_tls(base::Result<http::Response> const& result) {
  ASSERT_TRUE(result.has_error());
  EXPECT_EQ(result.error().code, Errc::transient);
  EXPECT_FALSE(result.error().maybe_applied);
  EXPECT_THAT(result.error().message, HasSubstr("speaks TLS"));
}

}  // namespace

TEST_F(CurlTls, ReportsAPortThatDoesNotSpeakTls) {
  fakes::Server plain(loop);
  plain.script({fakes::read_some(), fakes::write("HTTP/1.1 400 Bad Request\r\n\r\n")});
  auto request = http::Request("GET", plain.origin(), "/");
  request.origin.scheme = "https";
  expect_no_tls(send(request));
}

TEST_F(CurlTls, SurvivesAResetOfAnEncryptedConnection) {
  auto const trusting = make({}, ca_file).value();
  server.script({fakes::read(), fakes::reset()});
  auto const result = ask(*trusting, server);
  ASSERT_TRUE(result.has_error());
  EXPECT_EQ(result.error().code, Errc::transient);
  EXPECT_TRUE(result.error().maybe_applied);
}

TEST_F(CurlTls, ReadsTheSystemsAuthoritiesOnceForAllConnections) {
  auto const trusting = make({}, ca_file).value();
  int good = 0;
  std::function<boost::asio::awaitable<void>(std::size_t)> const one =
      [&](std::size_t) -> boost::asio::awaitable<void> {
    http::Request request("POST", server.origin(), "/", "body");
    auto const result = co_await trusting->send(request);
    if (result.has_value()) ++good;
  };
  EXPECT_TRUE(log.lines.empty()) << "nothing is read before TLS is used";
  fakes::run(loop, base::gather(64, 64, one));
  EXPECT_EQ(good, 64);
  EXPECT_EQ(server.connections(), 64);
  EXPECT_THAT(log.lines, testing::ElementsAre(HasSubstr("the system's CA certificates")));
}

TEST_F(CurlTls, LooksAtACertificateOnceForManyConnections) {
  auto const trusting = make({}, ca_file).value();
  server.reply([](auto const&) { return fakes::response(200, "ok", "Connection: close\r\n"); });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(*trusting, server).value().status, 200);
  EXPECT_FALSE(server.requests().at(0).resumed);
  EXPECT_TRUE(server.requests().at(1).resumed);
  EXPECT_TRUE(server.requests().at(2).resumed);
  auto const another = make({}, ca_file).value();
  EXPECT_EQ(ask(*another, server).value().status, 200);
  EXPECT_FALSE(server.requests().at(3).resumed) << "what one client believes is no other's business";
}

TEST_F(CurlTls, LooksAgainWhereTheServerHasForgotten) {
  auto const trusting = make({}, ca_file).value();
  server.reply([](auto const&) { return fakes::response(200, "ok", "Connection: close\r\n"); });
  EXPECT_EQ(ask(*trusting, server).value().status, 200);
  server.use(authority.issue("127.0.0.1"));
  EXPECT_EQ(ask(*trusting, server).value().status, 200);
  EXPECT_FALSE(server.requests().at(1).resumed);
  fakes::Authority other;
  server.use(other.issue("127.0.0.1"));
  refuses(ask(*trusting, server), "unable to get local issuer certificate");
}

TEST_F(CurlTls, BelievesOnlyAnEndThatTlsVouchesFor) {
  auto const trusting = make({}, ca_file).value();
  server.script({fakes::read(), fakes::write("HTTP/1.1 200 OK\r\n\r\nall of it"), fakes::part()});
  EXPECT_EQ(ask(*trusting, server).value().body, "all of it");
  server.script({fakes::read(), fakes::write("HTTP/1.1 200 OK\r\n\r\nall "), fakes::close()});
  auto const cut = ask(*trusting, server);
  ASSERT_TRUE(cut.has_error());
  EXPECT_EQ(cut.error().code, Errc::transient);
  EXPECT_TRUE(cut.error().maybe_applied);
  EXPECT_THAT(cut.error().message, HasSubstr("ended too early"));
  server.script({fakes::read(), fakes::close()});
  EXPECT_THAT(ask(*trusting, server).error().message, HasSubstr("without an answer"));
}

TEST_F(CurlTls, ReplacesAKeptConnectionThatEndedWithATlsFarewell) {
  auto const trusting = make({}, ca_file).value();
  server.script({fakes::read(), fakes::write(fakes::response(200, "one")), fakes::read(), fakes::part()});
  EXPECT_EQ(ask(*trusting, server).value().body, "one");
  auto const again = ask(*trusting, server).value();
  EXPECT_EQ(again.body, "ok");
  EXPECT_TRUE(again.maybe_applied);
}

TEST_F(CurlTls, SendsMoreThanTheSocketTakes) {
  auto const trusting = make({}, ca_file).value();
  std::string body(8 << 20, 'x');
  for (std::size_t i = 0; i < body.size(); i += 1000) body[i] = static_cast<char>('a' + i % 23);
  http::Request request("POST", server.origin(), "/", body);
  EXPECT_EQ(send(*trusting, request).value().status, 200);
  EXPECT_TRUE(server.requests().at(0).body == body);
}

TEST_F(CurlTls, WaitsForNoHandshakeLongerThanForAConnection) {
  fakes::Server silent(loop);
  silent.script({fakes::read_some(), fakes::stall()});
  http::Request request("GET", silent.origin(), "/");
  request.origin.scheme = "https";
  request.timeouts.connect = std::chrono::milliseconds(100);
  auto const result = send(request);
  ASSERT_TRUE(result.has_error());
  EXPECT_EQ(result.error().code, Errc::transient);
  EXPECT_FALSE(result.error().maybe_applied);
  EXPECT_THAT(result.error().message, HasSubstr("within 100 ms"));
}

TEST_F(CurlTls, ReportsAServerThatEndsInTheMiddleOfTheHandshake) {
  fakes::Server curt(loop);
  curt.script({fakes::read_some(), fakes::close()});
  curt.script({fakes::read_some(), fakes::reset()});
  for (int i = 0; i < 2; ++i) {
    http::Request request("GET", curt.origin(), "/");
    request.origin.scheme = "https";
    expect_no_tls(send(request));
  }
}

TEST_F(CurlTls, RefusesAHostThatNoCertificateCanName) {
  auto const result = ask(*client, server, ".");
  ASSERT_TRUE(result.has_error());
  auto const long_name = ask(*client, server, std::string(300, 'a') + ".test");
  ASSERT_TRUE(long_name.has_error());
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(CurlTls, NamesTheCaFileThatCannotBeUsed) {
  auto const broken = dir.write(
      "broken.pem", authority.pem() + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  auto const empty = dir.write("empty.pem", "no certificate here\n");
  struct Case {
    base::Result<std::unique_ptr<http::curl::Client>> made;
    std::string file, named_by;
  };
  std::vector<Case> cases;
  cases.push_back({make({}, "/no/such.pem"), "/no/such.pem", "--ca-file"});
  cases.push_back({make({}, empty), empty, "--ca-file"});
  cases.push_back({make({{"SSL_CERT_FILE", broken}}), broken, "SSL_CERT_FILE"});
  cases.push_back({make({{"CURL_CA_BUNDLE", "/"}}), "/", "CURL_CA_BUNDLE"});
  for (auto const& [made, file, named_by] : cases) {
    ASSERT_TRUE(made.has_error()) << file;
    EXPECT_EQ(made.error().code, Errc::invalid);
    EXPECT_THAT(made.error().message, HasSubstr("\"" + file + "\" (" + named_by + ")"));
  }
}
