#include "fakes/server.hpp"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <sstream>

#include "base/encoding.hpp"

namespace fakes {
namespace asio = boost::asio;
using asio::ip::tcp;
using Stream = asio::ssl::stream<tcp::socket>;

Step read() { return {Step::Kind::read, {}, {}, 0}; }
Step read_some() { return {Step::Kind::read_some, {}, {}, 0}; }
Step write(std::string text) { return {Step::Kind::write, std::move(text), {}, 0}; }
Step drip(std::string text, std::chrono::milliseconds every) {
  return {Step::Kind::drip, std::move(text), every, 0};
}
Step tunnel(unsigned short port) { return {Step::Kind::tunnel, {}, {}, port}; }
Step part() { return {Step::Kind::part, {}, {}, 0}; }
Step close() { return {Step::Kind::close, {}, {}, 0}; }
Step reset() { return {Step::Kind::reset, {}, {}, 0}; }
Step stall() { return {Step::Kind::stall, {}, {}, 0}; }

std::string response(int status, std::string const& body, std::string const& headers) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + headers + "\r\n" + body;
}

struct Server::State {
  explicit State(asio::io_context& loop)
      : acceptor(loop, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {}

  tcp::acceptor acceptor;
  std::unique_ptr<asio::ssl::context> tls;
  std::deque<std::vector<Step>> scripts;
  std::function<std::string(Received const&)> answer = [](Received const&) { return response(200, "ok"); };
  int accepted = 0;
  std::vector<Received> received;
};

namespace {

template <class Socket>
asio::awaitable<Received> read_request(Socket& socket, std::string& buffer) {
  auto const head_size =
      co_await asio::async_read_until(socket, asio::dynamic_buffer(buffer), "\r\n\r\n", asio::use_awaitable);
  Received request;
  request.head = buffer.substr(0, head_size);
  buffer.erase(0, head_size);
  std::istringstream lines(request.head);
  std::string line;
  lines >> request.method >> request.target;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    auto const colon = line.find(':');
    if (colon == std::string::npos) continue;
    request.headers.add(line.substr(0, colon), std::string(base::trim(line.substr(colon + 1))));
  }
  auto const length = request.headers.find("Content-Length");
  std::size_t const size = length ? std::stoul(std::string(*length)) : 0;
  if (buffer.size() < size) {
    auto const missing = asio::transfer_exactly(size - buffer.size());
    co_await asio::async_read(socket, asio::dynamic_buffer(buffer), missing, asio::use_awaitable);
  }
  request.body = buffer.substr(0, size);
  buffer.erase(0, size);
  co_return request;
}

asio::awaitable<void> sleep(std::chrono::milliseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  if (time == std::chrono::milliseconds::max())
    timer.expires_at(asio::steady_timer::time_point::max());
  else
    timer.expires_after(time);
  co_await timer.async_wait(asio::use_awaitable);
}

// Copies bytes until the sender closes, then closes the other side too.
template <class From, class To>
asio::awaitable<void> relay(From& from, To& to, std::shared_ptr<void> /* of both */) {
  std::array<char, 16384> bytes;
  boost::system::error_code over;
  for (;;) {
    auto token = asio::redirect_error(asio::use_awaitable, over);
    std::size_t const size = co_await from.async_read_some(asio::buffer(bytes), token);
    if (over) break;
    co_await asio::async_write(to, asio::buffer(bytes, size), token);
    if (over) break;
  }
  to.lowest_layer().close(over);
  from.lowest_layer().close(over);
}

template <class Socket>
asio::awaitable<void> join(Socket& socket, unsigned short port) {
  struct Ends {
    Socket client;
    tcp::socket upstream;
  };
  auto const executor = co_await asio::this_coro::executor;
  auto const ends = std::make_shared<Ends>(Ends{std::move(socket), tcp::socket(executor)});
  tcp::endpoint const address(asio::ip::address_v4::loopback(), port);
  co_await ends->upstream.async_connect(address, asio::use_awaitable);
  asio::co_spawn(executor, relay(ends->client, ends->upstream, ends), asio::detached);
  co_await relay(ends->upstream, ends->client, ends);
}

void look_at_tls(tcp::socket&, Received&) {}
void look_at_tls(Stream& stream, Received& request) {
  auto const* name = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name);
  if (name != nullptr) request.server_name = name;
  request.resumed = SSL_session_reused(stream.native_handle()) != 0;
}

asio::awaitable<void> say_goodbye(tcp::socket&) { co_return; }
asio::awaitable<void> say_goodbye(Stream& stream) { co_await stream.async_shutdown(asio::use_awaitable); }

template <class Socket, class StatePointer>
asio::awaitable<void> serve(Socket& socket, tcp::socket& lowest, StatePointer state) {
  std::string buffer;
  bool const scripted = !state->scripts.empty();
  std::vector<Step> steps;
  if (scripted) {
    steps = std::move(state->scripts.front());
    state->scripts.pop_front();
  }
  while (!scripted) {
    auto request = co_await read_request(socket, buffer);
    look_at_tls(socket, request);
    std::string const answer = state->answer(request);
    state->received.push_back(std::move(request));
    co_await asio::async_write(socket, asio::buffer(answer), asio::use_awaitable);
  }
  for (Step const& step : steps) {
    switch (step.kind) {
      case Step::Kind::read: {
        auto request = co_await read_request(socket, buffer);
        look_at_tls(socket, request);
        state->received.push_back(std::move(request));
        break;
      }
      case Step::Kind::read_some: {
        std::array<char, 256> some;
        co_await socket.async_read_some(asio::buffer(some), asio::use_awaitable);
        break;
      }
      case Step::Kind::write:
        co_await asio::async_write(socket, asio::buffer(step.text), asio::use_awaitable);
        break;
      case Step::Kind::drip:
        for (std::size_t i = 0;; i = (i + 1) % step.text.size()) {
          co_await asio::async_write(socket, asio::buffer(&step.text[i], 1), asio::use_awaitable);
          co_await sleep(step.every);
        }
        break;
      case Step::Kind::tunnel:
        co_await join(socket, step.port);
        co_return;
      case Step::Kind::part:
        co_await say_goodbye(socket);
        break;
      case Step::Kind::close:
        co_return;
      case Step::Kind::reset:
        lowest.set_option(asio::socket_base::linger(true, 0));
        lowest.close();
        co_return;
      case Step::Kind::stall:
        co_await sleep(std::chrono::milliseconds::max());
        break;
    }
  }
}

template <class StatePointer>
asio::awaitable<void> converse(tcp::socket socket, StatePointer state) {
  try {
    if (state->tls) {
      Stream stream(std::move(socket), *state->tls);
      co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
      co_await serve(stream, stream.next_layer(), state);
    } else {
      co_await serve(socket, socket, state);
    }
  } catch (boost::system::system_error const&) {
    // The client went away or refused our certificate: the test looks at what the client says.
  }
}

template <class StatePointer>
asio::awaitable<void> accept(StatePointer state) {
  for (;;) {
    boost::system::error_code closed;
    auto token = asio::redirect_error(asio::use_awaitable, closed);
    tcp::socket socket = co_await state->acceptor.async_accept(token);
    if (closed) co_return;
    ++state->accepted;
    auto const executor = co_await asio::this_coro::executor;
    asio::co_spawn(executor, converse(std::move(socket), state), asio::detached);
  }
}

}  // namespace

Server::Server(asio::io_context& loop) : state_(std::make_shared<State>(loop)) {
  asio::co_spawn(loop, accept(state_), asio::detached);
}

Server::Server(asio::io_context& loop, Certificate const& certificate)
    : state_(std::make_shared<State>(loop)) {
  use(certificate);
  asio::co_spawn(loop, accept(state_), asio::detached);
}

void Server::use(Certificate const& certificate) {
  state_->tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  state_->tls->use_certificate_chain(asio::buffer(certificate.chain));
  state_->tls->use_private_key(asio::buffer(certificate.key), asio::ssl::context::pem);
}

Server::~Server() {
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
}

http::Origin Server::origin(std::string host) const {
  return {state_->tls ? "https" : "http", std::move(host), port()};
}

unsigned short Server::port() const { return state_->acceptor.local_endpoint().port(); }
void Server::script(std::vector<Step> steps) { state_->scripts.push_back(std::move(steps)); }
void Server::reply(std::function<std::string(Received const&)> answer) { state_->answer = std::move(answer); }
int Server::connections() const { return state_->accepted; }
std::vector<Received> const& Server::requests() const { return state_->received; }

}  // namespace fakes
