// What the HTTP client costs: CPU of its own thread for a request (600-byte POST, 64 in flight) and for 64
// new TLS connections, against a server in another thread. Prints one line each.
#include <time.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <thread>

#include "base/gather.hpp"
#include "fakes/run.hpp"
#include "fakes/server.hpp"
#include "http/curl/client.hpp"

namespace {

double cpu_ms() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

// CPU in ms of `count` requests.
double measure(boost::asio::io_context& loop, http::Client& client, http::Origin const& origin,
               std::size_t count) {
  std::string const body(600, 'x');
  std::size_t failed = 0;
  std::function<boost::asio::awaitable<void>(std::size_t)> const one =
      [&](std::size_t) -> boost::asio::awaitable<void> {
    http::Request request("POST", origin, "/queue/messages?a=b", body);
    request.headers.set("Content-Type", "application/xml");
    request.headers.set("x-ms-date", "Sun, 22 Nov 2026 01:02:03 GMT");
    request.headers.set("x-ms-version", "2025-11-05");
    auto const result = co_await client.send(request);
    if (!result) ++failed;
  };
  double const begun = cpu_ms();
  fakes::run(loop, base::gather(count, 64, one));
  double const taken = cpu_ms() - begun;
  if (failed != 0) std::printf("%zu requests failed\n", failed);
  return taken;
}

}  // namespace

int main() {
  fakes::Authority const authority;
  fakes::TempDir const dir;
  boost::asio::io_context server_loop;
  auto const guard = boost::asio::make_work_guard(server_loop);
  auto const certificate = authority.issue("127.0.0.1");
  fakes::Server const plain(server_loop);
  fakes::Server const secure(server_loop, certificate);
  std::thread server([&server_loop] { server_loop.run(); });

  boost::asio::io_context loop;
  base::NoLog log;
  base::Environment const environment;
  http::curl::Settings settings;
  settings.ca_file = dir.write("ca.pem", authority.pem());
  {
    auto const client = http::curl::Client::make(loop.get_executor(), settings, environment, log).value();
    std::size_t const count = 50'000;
    measure(loop, *client, plain.origin(), 64);
    std::printf("http:  %.1f us a request\n", measure(loop, *client, plain.origin(), count) * 1e3 / count);
    std::printf("https: %.0f ms for the first 64 connections\n", measure(loop, *client, secure.origin(), 64));
    std::printf("https: %.1f us a request\n", measure(loop, *client, secure.origin(), count) * 1e3 / count);
  }
  server_loop.stop();
  server.join();
}
