#include "http/curl/core.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <stdexcept>

#include "http/curl/dialer.hpp"
#include "http/curl/tunnels.hpp"
#include "http/wire.hpp"

namespace http::curl {

namespace {

constexpr std::size_t read_size = std::size_t{64} << 10;
// Up to here a body is copied behind its head, so that both leave in one packet and one system call.
constexpr std::size_t most_joined = std::size_t{32} << 10;

Error closed_error() { return {Errc::cancelled, "the HTTP client is closed"}; }

bool within(std::string_view part, std::string const& whole) {
  std::less_equal<char const*> const before;
  return before(whole.data(), part.data()) && before(part.data(), whole.data() + whole.size());
}

}  // namespace

Core::Core(boost::asio::any_io_executor executor, Settings settings, Trust trust, Proxies proxies,
           base::Log& log)
    : executor_(std::move(executor)),
      settings_(std::move(settings)),
      trust_(std::make_shared<Trust>(std::move(trust))),
      proxies_(std::move(proxies)),
      log_(log),
      direct_(std::make_shared<Dialer>(executor_, std::make_shared<Resolver>(executor_),
                                       static_cast<Connector::Listener&>(*this))),
      in_(std::make_unique<char[]>(read_size)),
      poll_(executor_),
      timer_(executor_),
      queue_timer_(executor_) {
  int const set = ::epoll_create1(EPOLL_CLOEXEC);
  if (set < 0) throw std::runtime_error("no epoll set: raise the limit of open files (ulimit -n)");
  poll_.assign(set);
}

Core::~Core() { close(); }

std::optional<Error> Core::start(Exchange& exchange) {
  if (closed_) return closed_error();
  auto const found = route(exchange.request.origin);
  if (!found) return found.error();
  exchange.route = *found;
  now_ = std::chrono::steady_clock::now();
  auto const [connect_limit, total, idle_limit] = exchange.request.timeouts;
  exchange.deadline = total.count() == 0 ? base::Steady::max() : now_ + total;
  exchange.connect_by = connect_limit.count() == 0 ? base::Steady::max() : now_ + connect_limit;
  bool const own = exchange.request.peer.has_value();
  Connection* const idle = own ? nullptr : take_idle(*exchange.route);
  bool const queued = idle == nullptr && !own && crowded(*exchange.route);
  if (idle == nullptr && !queued)
    if (auto error = connect(exchange)) return error;
  exchange.place = under_way_.size();
  under_way_.push_back(&exchange);
  if (queued) queue(exchange);
  if (idle != nullptr)
    serve(*idle, exchange);
  else
    watch(deadline_of(exchange));
  return std::nullopt;
}

void Core::serve(Connection& connection, Exchange& exchange) {
  exchange.connection = &connection;
  connection.exchange = &exchange;
  write(connection);
}

std::optional<Error> Core::connect(Exchange& exchange) {
  Request const& request = exchange.request;
  if (request.origin.secure()) {
    auto tls = this->tls(request);
    if (!tls) return tls.error();
    exchange.tls = std::move(*tls);
  }
  std::chrono::milliseconds limit{0};
  if (exchange.connect_by != base::Steady::max())
    limit = std::max(std::chrono::ceil<std::chrono::milliseconds>(exchange.connect_by - now_),
                     std::chrono::milliseconds(1));
  Destination const destination{request.origin, exchange.route->proxy, trust_, limit};
  auto const link = exchange.route->connector->begin(destination);
  if (!link) return link.error();
  exchange.connecting = *link;
  (*link)->waiting = &exchange;
  exchange.dialing = true;
  ++exchange.route->dialing;
  return std::nullopt;
}

Result<Connector*> Core::connector(Proxy const* proxy) {
  if (proxy == nullptr) return direct_.get();
  if (!tunnels_) {
    auto const* const libcurl = Libcurl::find();
    if (libcurl == nullptr)
      return Error(Errc::invalid,
                   "the proxy of " + proxy->variable +
                       " needs libcurl.so.4, which cannot be loaded: install libcurl4, or unset the "
                       "variable");
    tunnels_ = std::make_shared<Tunnels>(*libcurl, executor_, settings_.user_agent,
                                         static_cast<Connector::Listener&>(*this));
  }
  return tunnels_.get();
}

Result<std::shared_ptr<Tls>> Core::tls(Request const& request) {
  if (request.peer && !request.peer->authorities.empty()) {
    auto trust = Trust::only(request.peer->authorities, log_);
    if (!trust) return trust.error();
    return std::make_shared<Tls>(*trust);
  }
  if (!tls_) tls_ = std::make_shared<Tls>(*trust_);
  return tls_;
}

// The connection stands, or will never.
void Core::dialed(Exchange& exchange) noexcept {
  if (exchange.dialing) --exchange.route->dialing;
  exchange.dialing = false;
}

void Core::failed(std::unique_ptr<Link> link, CURLcode code) {
  Exchange& exchange = *link->waiting;
  Failure failure;
  failure.code = code;
  failure.detail = link->detail();
  failure.connect_status = link->connect_status();
  exchange.connecting = nullptr;
  dialed(exchange);
  fail(exchange, std::move(failure));
}

void Core::connected(std::unique_ptr<Link> link) {
  Exchange& exchange = *link->waiting;
  now_ = std::chrono::steady_clock::now();
  exchange.connecting = nullptr;
  Connection& connection = adopt(std::move(link), *exchange.route);
  exchange.connection = &connection;
  connection.exchange = &exchange;
  exchange.moved = now_;
  if (!watched(connection)) {
    lose(connection, Failure::Kind::broken, std::strerror(errno));
    return;
  }
  if (!exchange.tls) {
    stand(connection);
    return;
  }
  // A session is resumed without a look at the certificate, which other authorities may have vouched for.
  auto const& peer = exchange.request.peer;
  auto const& name = peer && !peer->name.empty() ? peer->name : exchange.route->origin.host;
  connection.tls = std::make_unique<TlsStream>(std::move(exchange.tls), *connection.link, name,
                                               peer ? nullptr : &exchange.route->resumption, now_);
  connection.shaking = true;
  watch(deadline_of(exchange));
  shake_hands(connection);
}

void Core::shake_hands(Connection& connection) {
  auto const code = connection.tls->shake_hands(now_);
  if (code == CURLE_AGAIN) return;
  if (code == CURLE_OK) {
    connection.shaking = false;
    stand(connection);
    return;
  }
  Exchange& exchange = *connection.exchange;
  Failure failure;
  failure.code = code;
  failure.detail = connection.detail();
  part(connection);
  fail(exchange, std::move(failure));
}

void Core::stand(Connection& connection) {
  dialed(*connection.exchange);
  std::size_t received = 0;
  auto const code = connection.receive({in_.get(), 1}, received);
  if (code == CURLE_AGAIN)
    write(connection);
  else if (code == CURLE_OK && received != 0)
    lose(connection, Failure::Kind::senseless, "it speaks before it is asked");
  else if (code == CURLE_OK || code == CURLE_GOT_NOTHING)
    lose(connection, Failure::Kind::closed, "");
  else
    lose(connection, Failure::Kind::broken, connection.detail());
}

// Writing

void Core::write(Connection& connection) {
  Exchange& exchange = *connection.exchange;
  std::string const& body = exchange.request.body;
  Route const& route = connection.route;
  out_.clear();
  append_head(out_, exchange.request, {settings_.user_agent, route.whole_url, route.proxy_authorization});
  bool const joined = body.size() <= most_joined;
  if (joined) out_.append(body);
  exchange.left = out_;
  exchange.then = joined ? std::string_view() : std::string_view(body);
  exchange.sent = 0;
  exchange.moved = now_;
  watch(deadline_of(exchange));
  flush(connection);
}

void Core::flush(Connection& connection) {
  Exchange& exchange = *connection.exchange;
  while (!exchange.left.empty()) {
    std::size_t sent = 0;
    auto const code = connection.send(exchange.left, sent);
    if (code == CURLE_AGAIN) break;
    if (code != CURLE_OK) {
      lose(connection, Failure::Kind::broken, connection.detail());
      return;
    }
    exchange.sent += sent;
    exchange.moved = now_;
    exchange.left.remove_prefix(sent);
    if (exchange.left.empty()) std::swap(exchange.left, exchange.then);
  }
  if (exchange.left.empty() || !within(exchange.left, out_)) return;
  exchange.kept.assign(exchange.left);  // the next request is put together in the same place
  exchange.left = exchange.kept;
}

// Reading

void Core::read(Connection& connection) {
  Exchange& exchange = *connection.exchange;
  Reply& reply = exchange.reply;
  for (;;) {
    std::size_t received = 0;
    auto const code = connection.receive({in_.get(), read_size}, received);
    if (code == CURLE_AGAIN) return;
    if (code != CURLE_OK && code != CURLE_GOT_NOTHING) {
      lose(connection, Failure::Kind::broken, connection.detail());
      return;
    }
    if (received == 0) {
      // Without TLS's word for it the end may be an attacker's, or a cut: no answer ends by that.
      if (code == CURLE_OK) reply.end();
      if (reply.over())
        conclude(connection, false);
      else
        lose(connection, reply.begun() ? Failure::Kind::partial : Failure::Kind::closed, "");
      return;
    }
    exchange.moved = now_;
    auto const used = reply.take({in_.get(), received});
    if (reply.over()) {
      conclude(connection, used == received);
      return;
    }
  }
}

// Nobody asked: a TLS session ticket is in order, an end or anything else is not.
void Core::look(Connection& connection) {
  std::size_t received = 0;
  auto const code = connection.receive({in_.get(), read_size}, received);
  if (code != CURLE_AGAIN || connection.ending) drop(connection);
}

void Core::conclude(Connection& connection, bool clean) {
  Exchange& exchange = *connection.exchange;
  Reply& reply = exchange.reply;
  if (!reply.lasting()) clean = false;
  clean = clean && exchange.left.empty() && !connection.ending && !exchange.request.peer;
  exchange.connection = nullptr;
  connection.exchange = nullptr;
  if (clean)
    keep(connection);
  else
    drop(connection);
  if (reply.state() == Reply::State::whole) {
    reply.response().maybe_applied = exchange.resent;
    finish(exchange);
    return;
  }
  Failure failure;
  failure.kind =
      reply.state() == Reply::State::too_large ? Failure::Kind::too_large : Failure::Kind::senseless;
  failure.detail = reply.fault();
  fail(exchange, std::move(failure));
}

// The connection is gone before the answer was whole. A kept one may have been closed by the other side just
// when we took it: then, once, the request goes out again, if it may or if nothing of it had gone out.
void Core::lose(Connection& connection, Failure::Kind kind, std::string detail) {
  Exchange& exchange = *connection.exchange;
  bool const stale = connection.served && !exchange.reply.begun();
  part(connection);
  Failure failure;
  failure.kind = kind;
  failure.code = CURLE_RECV_ERROR;
  failure.detail = std::move(detail);
  if (stale && (exchange.request.repeatable || exchange.sent == 0)) {
    exchange.resent = exchange.sent != 0;
    exchange.sent = 0;
    auto const limit = exchange.request.timeouts.connect;
    exchange.connect_by = limit.count() == 0 ? base::Steady::max() : now_ + limit;
    auto error = connect(exchange);
    if (!error) return;
    error->maybe_applied = exchange.resent;
    exchange.error = std::move(error);
    finish(exchange);
    return;
  }
  fail(exchange, std::move(failure));
}

// Ends

void Core::part(Connection& connection) noexcept {
  dialed(*connection.exchange);
  connection.exchange->connection = nullptr;
  connection.exchange = nullptr;
  drop(connection);
}

void Core::fail(Exchange& exchange, Failure failure) {
  failure.begun = exchange.begun();
  if (exchange.route->proxy != nullptr) failure.proxy = exchange.route->proxy->variable;
  exchange.error = to_error(failure, exchange.request);
  if (exchange.resent) exchange.error->maybe_applied = true;
  finish(exchange);
}

void Core::finish(Exchange& exchange) {
  Exchange* const last = under_way_.back();
  last->place = exchange.place;
  under_way_[exchange.place] = last;
  under_way_.pop_back();
  exchange.finished = true;
  exchange.done.notify();
}

void Core::abandon(Exchange& exchange) noexcept {
  unqueue(exchange);
  dialed(exchange);
  if (exchange.connecting != nullptr) exchange.route->connector->drop(*exchange.connecting);
  exchange.connecting = nullptr;
  if (exchange.connection != nullptr) part(*exchange.connection);
}

void Core::forget(Exchange& exchange) noexcept {
  if (closed_) return;
  abandon(exchange);
  finish(exchange);
}

void Core::close() noexcept {
  if (closed_) return;
  closed_ = true;
  while (!under_way_.empty()) {
    Exchange& exchange = *under_way_.back();
    bool const begun = exchange.begun();
    abandon(exchange);
    exchange.error = Error(Errc::cancelled, "the HTTP client was closed while it waited for " +
                                                exchange.request.origin.to_string());
    exchange.error->maybe_applied = begun;
    finish(exchange);
  }
  for (auto const& connection : connections_)
    if (connection) drop(*connection);
  direct_->close();
  if (tunnels_) tunnels_->close();
  timer_.cancel();
  queue_timer_.cancel();
  boost::system::error_code ignored;
  poll_.close(ignored);
}

}  // namespace http::curl
