#include <gmock/gmock.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <filesystem>

#include "base/gather.hpp"
#include "http/transport.hpp"

// Which connections serve again, and which never do.

using base::Errc;
using fakes::close;
using fakes::read;
using fakes::response;
using fakes::stall;
using fakes::write;
using testing::HasSubstr;

namespace {

class CurlKeeping : public Transport {
 protected:
  http::Request post(std::string body = "body") const {
    return http::Request("POST", server.origin(), "/x", std::move(body));
  }
  static std::ptrdiff_t open_files() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  }
  fakes::Server server{loop};
};

}  // namespace

TEST_F(CurlKeeping, EndsWithAnAnswerThatSaysSo) {
  for (auto const* answer : {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
                             "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"}) {
    auto const before = server.connections();
    server.script({read(), write(answer), read()});
    for (int i = 0; i < 2; ++i) EXPECT_EQ(send(post()).value().body, "ok");
    EXPECT_EQ(server.connections(), before + 2) << answer;
    client = make().value();
  }
}

TEST_F(CurlKeeping, ReadsToTheEndOfTheConnectionWhereNoLengthIsSaid) {
  server.script({read(), write("HTTP/1.1 200 OK\r\n\r\nall "), write("of it"), close()});
  auto const answer = send(post()).value();
  EXPECT_EQ(answer.body, "all of it");
  EXPECT_FALSE(answer.maybe_applied);
}

TEST_F(CurlKeeping, NeverBelievesAConnectionThatSaidMoreThanItWasAsked) {
  server.script(
      {read(), write(response(200, "one") + response(200, "planted")), read(), write(response(200, "bad"))});
  EXPECT_EQ(send(post()).value().body, "one");
  EXPECT_EQ(send(post()).value().body, "ok");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(CurlKeeping, NeverBelievesAConnectionThatSpokeWhileItWasIdle) {
  auto const before = open_files();
  server.script({read(), write(response(200, "one")), write(response(200, "planted")), read()});
  EXPECT_EQ(send(post()).value().body, "one");
  while (open_files() > before) loop.run_one();
  EXPECT_EQ(send(post()).value().body, "ok");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(CurlKeeping, NeverAsksAServerThatSpeaksFirst) {
  server.script({write("220 mail.test ESMTP\r\n"), stall()});
  auto const result = send(post());
  ASSERT_TRUE(result.has_error());
  EXPECT_EQ(result.error().code, Errc::transient);
  EXPECT_THAT(result.error().message, HasSubstr("makes no sense"));
}

TEST_F(CurlKeeping, SeesWhileItIsIdleThatAConnectionEnded) {
  auto const before = open_files();
  server.script({read(), write(response(200, "one")), close()});
  EXPECT_EQ(send(post()).value().body, "one");
  while (open_files() > before) loop.run_one();
  auto request = post();
  request.repeatable = false;
  auto const second = send(std::move(request)).value();
  EXPECT_EQ(second.body, "ok");
  EXPECT_FALSE(second.maybe_applied) << "it went out once";
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(CurlKeeping, SendsAgainOnlyOnce) {
  server.script({read(), write(response(200, "one")), read(), close()});
  server.script({read(), close()});
  EXPECT_TRUE(send(post()).has_value());
  auto const result = send(post());
  ASSERT_TRUE(result.has_error());
  EXPECT_EQ(result.error().code, Errc::transient);
  EXPECT_TRUE(result.error().maybe_applied);
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(CurlKeeping, TellsThatAnAnswerOfTheSecondTryMayBeTheSecondAct) {
  server.script({read(), write(response(200, "one")), read(), close()});
  EXPECT_TRUE(send(post()).has_value());
  server.script({read(), stall()});
  auto request = post();
  request.timeouts.total = std::chrono::milliseconds(200);
  auto const result = send(std::move(request));
  ASSERT_TRUE(result.has_error());
  EXPECT_TRUE(result.error().maybe_applied);
}

TEST_F(CurlKeeping, TakesAnAnswerThatComesBeforeTheWholeRequest) {
  server.script({fakes::read_some(), write(response(413, "too much")), stall()});
  EXPECT_EQ(send(post(std::string(8 << 20, 'x'))).value().status, 413);
  EXPECT_EQ(send(post()).value().body, "ok");
  EXPECT_EQ(server.connections(), 2) << "the rest of the body is still owed to the first";
}

TEST_F(CurlKeeping, ReadsAnAnswerThatIsFarLargerThanWhatOneReadGives) {
  fakes::Authority authority;
  fakes::TempDir dir;
  fakes::Server sealed(loop, authority.issue("127.0.0.1"));
  auto const trusting = make({}, dir.write("ca.pem", authority.pem())).value();
  std::string const body(3 << 20, 'x');
  for (auto* each : {&server, &sealed}) {
    each->reply([&](auto const&) { return response(200, body); });
    for (int i = 0; i < 2; ++i)
      EXPECT_EQ(send(*trusting, http::Request("GET", each->origin(), "/")).value().body.size(), body.size());
    EXPECT_EQ(each->connections(), 1);
  }
}

TEST_F(CurlKeeping, NeverServesAgainAfterARequestWasCancelled) {
  server.script({read(), write(response(200, "one")), read(), stall()});
  EXPECT_TRUE(send(post()).has_value());
  auto one = [](http::Client& through, http::Request request) -> boost::asio::awaitable<void> {
    co_await through.send(request);
  };
  boost::asio::cancellation_signal signal;
  bool ended = false;
  boost::asio::co_spawn(
      loop, one(*client, post()),
      boost::asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr) { ended = true; }));
  while (server.requests().size() < 2) loop.run_one();
  signal.emit(boost::asio::cancellation_type::terminal);
  while (!ended) loop.run_one();
  EXPECT_EQ(send(post()).value().body, "ok");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(CurlKeeping, KeepsNoMoreThanItMay) {
  http::curl::Settings settings;
  settings.max_connections = 2;
  auto const before = open_files();
  auto const few =
      http::curl::Client::make(loop.get_executor(), settings, base::Environment(Variables{}), log).value();
  auto const own = open_files() - before;
  std::function<boost::asio::awaitable<void>(std::size_t)> const one =
      [&](std::size_t) -> boost::asio::awaitable<void> {
    auto request = post();
    co_await few->send(request);
  };
  fakes::run(loop, base::gather(6, 6, one));
  EXPECT_EQ(server.connections(), 6);
  while (open_files() > before + own + 4) loop.run_one();  // both ends of two connections
  EXPECT_EQ(send(*few, post()).value().body, "ok");
  EXPECT_EQ(server.connections(), 6);
}
