#include <gmock/gmock.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/gather.hpp"
#include "http/transport.hpp"

using base::Errc;
using fakes::close;
using fakes::read;
using fakes::read_some;
using fakes::reset;
using fakes::response;
using fakes::stall;
using fakes::write;
using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

namespace {

class CurlClient : public Transport {
 protected:
  http::Request get(std::string target = "/x?sig=hidden") const {
    return http::Request("GET", server.origin(), std::move(target));
  }
  http::Request post(std::string body = "body") const {
    return http::Request("POST", server.origin(), "/x?sig=hidden", std::move(body));
  }
  base::Error fail(http::Request request) {
    auto const result = send(std::move(request));
    EXPECT_TRUE(result.has_error()) << "a failure was expected";
    if (!result.has_error()) return {};
    EXPECT_THAT(result.error().message, HasSubstr(server.origin().to_string()));
    EXPECT_THAT(result.error().message, Not(HasSubstr("hidden")));
    return result.error();
  }
  fakes::Server server{loop};
};

std::string sent(fakes::Received const& request, std::string_view name) {
  auto const value = request.headers.find(name);
  return std::string(value.value_or("(absent)"));
}

}  // namespace

TEST_F(CurlClient, SendsTheTargetAndHeadersAsTheyAreAndReturnsTheAnswer) {
  server.reply([](auto const&) { return response(207, "hello", "X-One:  a b \r\nx-one: second\r\n"); });
  auto request = get("/a%2Fb/../c?q=%20&r=");
  request.headers.set("Authorization", "Bearer abc");
  request.headers.set("X-Empty", "");
  auto const answer = send(request).value();
  EXPECT_EQ(answer.status, 207);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(*answer.headers.find("X-ONE"), "a b");
  EXPECT_EQ(answer.attempts, 1);
  EXPECT_FALSE(answer.maybe_applied);
  auto const& seen = server.requests().at(0);
  EXPECT_THAT(seen.head, testing::StartsWith("GET /a%2Fb/../c?q=%20&r= HTTP/1.1\r\n"));
  EXPECT_EQ(sent(seen, "Host"), server.origin().authority());
  EXPECT_EQ(sent(seen, "Authorization"), "Bearer abc");
  EXPECT_EQ(sent(seen, "X-Empty"), "");
  EXPECT_EQ(sent(seen, "User-Agent"), "edw-test");
  EXPECT_EQ(sent(seen, "Accept-Encoding"), "(absent)");
}

TEST_F(CurlClient, SaysTheLengthOfABodyWhereTheMethodExpectsOne) {
  struct Case {
    std::string method, body, length;
  };
  for (auto const& [method, body, length] :
       {Case{"POST", "", "0"}, Case{"PUT", "", "0"}, Case{"POST", "abc", "3"}, Case{"PUT", "abcd", "4"},
        Case{"MERGE", "", "0"}, Case{"DELETE", "", "(absent)"}, Case{"DELETE", "ab", "2"},
        Case{"GET", "", "(absent)"}, Case{"PATCH", std::string("a\0b", 3), "3"}}) {
    ASSERT_EQ(send(http::Request(method, server.origin(), "/", body)).value().status, 200);
    auto const& seen = server.requests().back();
    EXPECT_EQ(seen.method, method);
    EXPECT_EQ(sent(seen, "Content-Length"), length) << method << ' ' << body;
    EXPECT_EQ(sent(seen, "Content-Type"), "(absent)");
    EXPECT_EQ(seen.body, body);
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(CurlClient, SendsALargeBodyAtOnceWithoutAskingFirst) {
  std::string const body(3 << 20, 'x');
  auto request = post(body);
  request.headers.set("Content-Length", "7");  // what the body really has rules
  EXPECT_EQ(send(request).value().status, 200);
  EXPECT_EQ(sent(server.requests().at(0), "Expect"), "(absent)");
  EXPECT_EQ(server.requests().at(0).body.size(), body.size());
}

TEST_F(CurlClient, AnswersHeadWithoutWaitingForABody) {
  server.script({read(), write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\n"), read(),
                 write(response(200, "after"))});
  auto request = get();
  request.method = "HEAD";
  auto const answer = send(request).value();
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(*answer.headers.find("Content-Length"), "5");
  EXPECT_EQ(send(get()).value().body, "after");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(CurlClient, ReturnsARedirectRatherThanFollowingIt) {
  server.reply([](auto const&) { return response(307, "", "Location: http://127.0.0.1:1/elsewhere\r\n"); });
  EXPECT_EQ(send(post()).value().status, 307);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(CurlClient, ReturnsEveryStatusAsAResponse) {
  for (int const status : {204, 304, 400, 401, 403, 404, 412, 429, 500, 503}) {
    server.reply([status](auto const&) {
      return status == 204 || status == 304 ? "HTTP/1.1 " + std::to_string(status) + " X\r\n\r\n"
                                            : response(status, "why");
    });
    EXPECT_EQ(send(get()).value().status, status);
  }
}

TEST_F(CurlClient, JoinsTheChunksOfAChunkedAnswer) {
  server.script(
      {read(),
       write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")});
  EXPECT_EQ(send(get()).value().body, "abcdefg");
}

TEST_F(CurlClient, SkipsAnInterimAnswer) {
  server.script({read(), write("HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n" + response(200, "ok"))});
  auto const answer = send(post()).value();
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(answer.headers.find("X-Interim"));
}

TEST_F(CurlClient, KeepsTheConnectionForTheNextRequest) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(send(i % 2 == 0 ? get() : post()).has_value());
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(CurlClient, NeedsNoMoreConnectionsThanRequestsInFlight) {
  int good = 0;
  std::function<boost::asio::awaitable<void>(std::size_t)> const one =
      [&](std::size_t) -> boost::asio::awaitable<void> {
    auto request = post();
    auto const result = co_await client->send(request);
    if (result.has_value() && result->status == 200) ++good;
  };
  fakes::run(loop, base::gather(640, 64, one));
  EXPECT_EQ(good, 640);
  EXPECT_LE(server.connections(), 64);
}

// Failures on the wire.

TEST_F(CurlClient, ReportsAConnectionThatNobodyAccepts) {
  auto request = get();
  {
    fakes::Server gone(loop);
    request.origin = gone.origin();
  }
  auto const result = send(request);
  ASSERT_TRUE(result.has_error());
  EXPECT_EQ(result.error().code, Errc::transient);
  EXPECT_FALSE(result.error().maybe_applied);
  EXPECT_THAT(result.error().message, HasSubstr("no connection to " + request.origin.to_string()));
}

TEST_F(CurlClient, ReportsANameThatDoesNotExist) {
  auto request = get();
  request.origin.host = "no-such-host.invalid";
  auto const result = send(request);
  ASSERT_TRUE(result.has_error());
  EXPECT_EQ(result.error().code, Errc::transient);
  EXPECT_FALSE(result.error().maybe_applied);
  EXPECT_THAT(result.error().message, HasSubstr("no-such-host.invalid"));
}

TEST_F(CurlClient, SaysThatTheServiceMayHaveActedOnceTheRequestWentOut) {
  struct Case {
    char const* what;
    std::vector<fakes::Step> script;
  };
  std::string endless;
  for (int i = 0; i < 10; ++i) endless += "X-Filler: " + std::string(60'000, 'x') + "\r\n";
  std::vector<Case> const cases{
      {"closed without an answer", {read(), close()}},
      {"reset after the request", {read(), reset()}},
      {"reset within the request", {read_some(), reset()}},
      {"half a body", {read(), write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")}},
      {"half a head", {read(), write("HTTP/1.1 200 OK\r\nContent-Le")}},
      {"reset in the body", {read(), write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), reset()}},
      {"half a chunk", {read(), write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")}},
      {"no chunk size", {read(), write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")}},
      {"not HTTP", {read(), write("SSH-2.0-OpenSSH_9.2p1\r\n")}},
      {"a bad status", {read(), write("HTTP/1.1 abc\r\n\r\n")}},
      {"a bad length", {read(), write("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n")}},
      {"a head without end", {read(), write("HTTP/1.1 200 OK\r\n" + endless), stall()}},
  };
  for (auto const& [what, script] : cases) {
    server.script(script);
    auto const error = fail(post());
    EXPECT_EQ(error.code, Errc::transient) << what << ": " << error.message;
    EXPECT_TRUE(error.maybe_applied) << what << ": " << error.message;
  }
}

TEST_F(CurlClient, RecoversOnANewConnectionAfterAFailure) {
  server.script(
      {read(), write(response(200, "one")), read(), write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")});
  EXPECT_TRUE(send(post()).has_value());
  EXPECT_TRUE(fail(post()).maybe_applied);
  EXPECT_EQ(send(post()).value().body, "ok");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(CurlClient, TellsThatARequestWentOutTwiceWhenAKeptConnectionDied) {
  server.script({read(), write(response(200, "one")), read(), close()});
  EXPECT_TRUE(send(post()).has_value());
  auto const second = send(post()).value();
  EXPECT_EQ(second.status, 200);
  EXPECT_TRUE(second.maybe_applied);
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(CurlClient, NeverSendsTwiceWhatMustNotBeRepeated) {
  server.script({read(), write(response(200, "one")), read(), close()});
  EXPECT_TRUE(send(post()).has_value());
  auto request = post();
  request.repeatable = false;
  auto const error = fail(request);
  EXPECT_EQ(error.code, Errc::transient);
  EXPECT_TRUE(error.maybe_applied);
  EXPECT_EQ(server.requests().size(), 2U);
}

// Limits.

TEST_F(CurlClient, StopsAtTheCapOfTheBody) {
  for (bool const chunked : {false, true}) {
    std::string const body(2000, 'x');
    server.script({read(), write(chunked ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" +
                                               body + "\r\n0\r\n\r\n"
                                         : response(200, body))});
    auto request = get();
    request.max_response = 1999;
    auto const error = fail(request);
    EXPECT_EQ(error.code, Errc::too_large);
    EXPECT_TRUE(error.maybe_applied);
    EXPECT_THAT(error.message, HasSubstr("1999 bytes"));
    server.script({read(), write(response(200, body))});
    request.max_response = 2000;
    EXPECT_EQ(send(request).value().body.size(), 2000U);
  }
}

TEST_F(CurlClient, EndsWhenTheWholeTakesTooLong) {
  server.script({read(), write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"),
                 fakes::drip("x", milliseconds(5))});
  auto request = post();
  request.timeouts.total = milliseconds(150);
  auto const error = fail(request);
  EXPECT_EQ(error.code, Errc::transient);
  EXPECT_TRUE(error.maybe_applied);
  EXPECT_THAT(error.message, HasSubstr("150 ms"));
}

TEST_F(CurlClient, EndsWhenNothingMovesAnyMore) {
  server.script({read(), write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), stall()});
  auto request = post();
  request.timeouts.total = milliseconds(0);
  request.timeouts.idle = milliseconds(1000);
  auto const error = fail(request);
  EXPECT_EQ(error.code, Errc::transient);
  EXPECT_TRUE(error.maybe_applied);
  EXPECT_THAT(error.message, HasSubstr("not a byte for 1000 ms"));
}

TEST_F(CurlClient, EndsWhenNoConnectionComes) {
  // A listener whose backlog is full: Linux then drops further handshakes.
  namespace asio = boost::asio;
  using asio::ip::tcp;
  tcp::acceptor full(loop);
  full.open(tcp::v4());
  full.bind(tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  full.listen(0);
  std::vector<tcp::socket> fillers;
  for (int i = 0; i < 3; ++i) {
    fillers.emplace_back(loop, tcp::v4());
    fillers.back().native_non_blocking(true);
    // Asio's own connect would wait for the end of the handshake.
    auto const address = full.local_endpoint();
    ::connect(fillers.back().native_handle(), address.data(), static_cast<socklen_t>(address.size()));
  }
  auto request = post();
  request.origin.port = full.local_endpoint().port();
  request.timeouts.connect = milliseconds(100);
  auto const result = send(request);
  ASSERT_TRUE(result.has_error());
  EXPECT_EQ(result.error().code, Errc::transient);
  EXPECT_FALSE(result.error().maybe_applied);
  EXPECT_THAT(result.error().message, HasSubstr("within 100 ms"));
}

// What must not go out at all.

TEST_F(CurlClient, RefusesWhatWouldSmuggleInAnotherHeaderOrRequest) {
  auto bad_header = get();
  bad_header.headers.set("X-A", "b\r\nX-Evil: 1");
  auto bad_name = get();
  bad_name.headers.set("X A", "b");
  auto bad_method = get();
  bad_method.method = "GET /evil HTTP/1.1\r\n";
  for (auto const& request :
       {bad_header, bad_name, bad_method, get("/a b"), get("/a\r\nX: y"), get("no-slash"), get("")}) {
    auto const result = send(request);
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error().code, Errc::invalid);
    EXPECT_THAT(result.error().message, Not(HasSubstr("Evil")));
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(CurlClient, BeginsNothingAfterAStop) {
  std::stop_source stop;
  auto request = get();
  request.stop = stop.get_token();
  stop.request_stop();
  EXPECT_EQ(fail(request).code, Errc::cancelled);
  EXPECT_EQ(server.connections(), 0);
}

// Ends of lives.

namespace {

struct Outcome {
  std::vector<base::Error> errors;
};

boost::asio::awaitable<void> note(http::Client& through, http::Request request, Outcome& outcome) {
  auto const result = co_await through.send(request);
  if (result.has_error()) outcome.errors.push_back(result.error());
}

}  // namespace

TEST_F(CurlClient, CancelsWhatIsInFlightWhenItIsDestroyed) {
  Outcome outcome;
  for (int i = 0; i < 8; ++i) {
    server.script({read(), stall()});
    boost::asio::co_spawn(loop, note(*client, post(), outcome), boost::asio::detached);
  }
  while (server.requests().size() < 8) loop.run_one();
  client.reset();
  while (outcome.errors.size() < 8) loop.run_one();
  for (auto const& error : outcome.errors) {
    EXPECT_EQ(error.code, Errc::cancelled);
    EXPECT_TRUE(error.maybe_applied);
  }
}

TEST_F(CurlClient, DiesWithItsLoopInTheMiddleOfARequest) {
  auto own_loop = std::make_unique<boost::asio::io_context>();
  auto stalling = std::make_unique<fakes::Server>(*own_loop);
  stalling->script({read(), stall()});
  // The coroutine owns the client, as a program's main coroutine does.
  auto program = [](boost::asio::io_context& on, http::Request request,
                    base::Log& to) -> boost::asio::awaitable<void> {
    http::curl::Settings settings;
    base::Environment environment;
    auto const mine = http::curl::Client::make(on.get_executor(), settings, environment, to).value();
    co_await mine->send(request);
    ADD_FAILURE() << "the request can't have ended";
  };
  http::Request request("POST", stalling->origin(), "/", "body");
  boost::asio::co_spawn(*own_loop, program(*own_loop, std::move(request), log), boost::asio::detached);
  while (stalling->requests().empty()) own_loop->run_one();
  stalling.reset();
  own_loop.reset();
}

TEST_F(CurlClient, LetsGoOfARequestWhoseCoroutineIsCancelled) {
  server.script({read(), stall()});
  boost::asio::cancellation_signal signal;
  bool ended = false;
  Outcome outcome;
  boost::asio::co_spawn(
      loop, note(*client, post(), outcome),
      boost::asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr) { ended = true; }));
  while (server.requests().empty()) loop.run_one();
  signal.emit(boost::asio::cancellation_type::terminal);
  while (!ended) loop.run_one();
  EXPECT_EQ(send(get()).value().status, 200);
}
