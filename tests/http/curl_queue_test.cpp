#include <gmock/gmock.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "base/gather.hpp"
#include "http/transport.hpp"

// Requests that wait for a connection, because many are under way to the same origin.

using base::Errc;
using fakes::read;
using fakes::response;
using fakes::stall;
using fakes::write;
using testing::HasSubstr;

namespace {

constexpr std::size_t at_once = 64;  // connections that are made without a wait

class CurlQueue : public Transport {
 protected:
  http::Request post() const { return http::Request("POST", server.origin(), "/x", "body"); }

  std::vector<base::Result<http::Response>> send_all(std::size_t count, http::Request const& request) {
    std::vector<base::Result<http::Response>> results;
    std::function<boost::asio::awaitable<void>(std::size_t)> const one =
        [&](std::size_t) -> boost::asio::awaitable<void> {
      auto copy = request;
      results.push_back(co_await client->send(copy));
    };
    fakes::run(loop, base::gather(count, count, one));
    return results;
  }
  void begin(std::size_t count, std::vector<base::Result<http::Response>>& results,
             boost::asio::cancellation_signal* signal = nullptr) {
    auto one = [](http::Client& through, http::Request request,
                  std::vector<base::Result<http::Response>>& into) -> boost::asio::awaitable<void> {
      into.push_back(co_await through.send(request));
    };
    auto const ignore = [](std::exception_ptr) {};
    for (std::size_t i = 0; i < count; ++i) {
      if (signal != nullptr)
        boost::asio::co_spawn(loop, one(*client, post(), results),
                              boost::asio::bind_cancellation_slot(signal->slot(), ignore));
      else
        boost::asio::co_spawn(loop, one(*client, post(), results), ignore);
    }
  }

  fakes::Server server{loop};
};

}  // namespace

TEST_F(CurlQueue, TakesAConnectionThatBecomesFreeRatherThanOneOfItsOwn) {
  auto const results = send_all(1000, post());
  for (auto const& each : results) EXPECT_EQ(each.value().body, "ok");
  EXPECT_EQ(server.requests().size(), 1000U);
  EXPECT_LT(server.connections(), 1000);
}

TEST_F(CurlQueue, WaitsInVainOnlyForAMoment) {
  constexpr std::size_t many = 4 * at_once;
  for (std::size_t i = 0; i < many; ++i) server.script({read(), stall()});
  std::vector<base::Result<http::Response>> stalled;
  begin(many, stalled);
  while (server.requests().size() < many) loop.run_one();
  EXPECT_EQ(send(post()).value().body, "ok");
  EXPECT_EQ(server.connections(), static_cast<int>(many) + 1);
  EXPECT_TRUE(stalled.empty());
  client.reset();
  while (stalled.size() < many) loop.run_one();
}

TEST_F(CurlQueue, EndsWithoutAConnectionWhenTheTimeForOneIsOver) {
  auto request = post();
  request.origin.scheme = "https";
  request.timeouts.connect = std::chrono::milliseconds(100);
  for (std::size_t i = 0; i < 6 * at_once; ++i) server.script({fakes::read_some(), stall()});
  auto const results = send_all(6 * at_once, request);
  for (auto const& each : results) {
    ASSERT_TRUE(each.has_error());
    EXPECT_EQ(each.error().code, Errc::transient);
    EXPECT_FALSE(each.error().maybe_applied);
    EXPECT_THAT(each.error().message, HasSubstr("within 100 ms"));
  }
}

TEST_F(CurlQueue, EndsForEachRequestWhereNobodyAccepts) {
  auto request = post();
  {
    fakes::Server gone(loop);
    request.origin = gone.origin();
  }
  auto const results = send_all(6 * at_once, request);
  for (auto const& each : results) {
    ASSERT_TRUE(each.has_error());
    EXPECT_THAT(each.error().message, HasSubstr("no connection to"));
  }
}

TEST_F(CurlQueue, IsLeftByARequestThatIsCancelled) {
  for (std::size_t i = 0; i < at_once; ++i) server.script({read(), stall()});
  std::vector<base::Result<http::Response>> stalled;
  begin(at_once, stalled);
  while (server.requests().size() < at_once) loop.run_one();
  boost::asio::cancellation_signal signal;
  std::vector<base::Result<http::Response>> cancelled;
  begin(1, cancelled, &signal);
  // No further than that it waits: polled for longer, a slow machine gives it a connection.
  bool waits = false;
  boost::asio::post(loop, [&waits] { waits = true; });
  while (!waits) loop.run_one();
  signal.emit(boost::asio::cancellation_type::terminal);
  EXPECT_EQ(send(post()).value().body, "ok");
  EXPECT_TRUE(cancelled.empty());
}

TEST_F(CurlQueue, EndsWithTheClient) {
  for (std::size_t i = 0; i < at_once; ++i) server.script({read(), stall()});
  std::vector<base::Result<http::Response>> results;
  begin(2 * at_once, results);
  while (server.requests().size() < at_once) loop.run_one();
  client.reset();
  while (results.size() < 2 * at_once) loop.run_one();
  for (auto const& each : results) {
    ASSERT_TRUE(each.has_error());
    EXPECT_EQ(each.error().code, Errc::cancelled);
  }
}
