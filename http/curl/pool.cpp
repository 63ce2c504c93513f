// How a Core keeps its connections: where they go, which are idle, and which it waits for.
#include <sys/epoll.h>

#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "http/curl/core.hpp"

namespace http::curl {

namespace {

// Load balancers forget a silent connection after some minutes, and say nothing.
constexpr std::chrono::seconds longest_idle{118};

std::string basic_authorization(std::string_view proxy) {
  auto const scheme = proxy.find("://");
  if (scheme != std::string_view::npos) proxy.remove_prefix(scheme + 3);
  auto const authority = proxy.substr(0, proxy.find('/'));
  auto const at = authority.rfind('@');
  if (at == std::string_view::npos) return {};
  auto const named = authority.substr(0, at);
  auto const colon = std::min(named.find(':'), named.size());
  auto const decoded = [](std::string_view text) {
    return base::percent_decode(text).value_or(std::string(text));
  };
  auto const password = colon < named.size() ? named.substr(colon + 1) : std::string_view();
  return "Basic " + base::base64_encode(decoded(named.substr(0, colon)) + ':' + decoded(password));
}

std::uint64_t mark_of(Connection const& connection) {
  return (std::uint64_t{connection.birth} << 32) | static_cast<std::uint32_t>(connection.socket);
}

}  // namespace

// A client asks few origins, and what depends on the origin alone is found out once.
Result<Route*> Core::route(Origin const& origin) {
  for (auto const& each : routes_)
    if (each->origin == origin) return each.get();
  auto made = std::make_unique<Route>();
  made->origin = origin;
  made->proxy = proxies_.choose(origin);
  if (made->proxy != nullptr) {
    if (!made->proxy->known())
      return Error(Errc::invalid,
                   "the proxy of " + made->proxy->variable +
                       " has an unknown scheme: it must begin with http://, https:// or socks5://");
    made->whole_url = !origin.secure() && made->proxy->speaks_http();
    if (made->whole_url) made->proxy_authorization = basic_authorization(made->proxy->url);
  }
  auto const connector = this->connector(made->proxy);
  if (!connector) return connector.error();
  made->connector = *connector;
  routes_.push_back(std::move(made));
  return routes_.back().get();
}

Connection& Core::adopt(std::unique_ptr<Link> link, Route& route) {
  auto const socket = link->socket();
  auto const index = static_cast<std::size_t>(socket);
  if (connections_.size() <= index) connections_.resize(index + 1);
  connections_[index].reset(new Connection{std::move(link), route, socket, ++births_, {}});
  ++route.standing;
  return *connections_[index];
}

bool Core::watched(Connection& connection) {
  epoll_event event{};
  event.events = static_cast<std::uint32_t>(EPOLLIN) | static_cast<std::uint32_t>(EPOLLOUT) |
                 static_cast<std::uint32_t>(EPOLLRDHUP) | static_cast<std::uint32_t>(EPOLLET);
  event.data.u64 = mark_of(connection);
  if (::epoll_ctl(poll_.native_handle(), EPOLL_CTL_ADD, connection.socket, &event) != 0) return false;
  wait();
  return true;
}

void Core::drop(Connection& connection) noexcept {
  auto& idle = connection.route.idle;
  if (auto const found = std::find(idle.begin(), idle.end(), &connection); found != idle.end()) {
    idle.erase(found);
    --idle_;
  }
  ::epoll_ctl(poll_.native_handle(), EPOLL_CTL_DEL, connection.socket, nullptr);
  --connection.route.standing;
  connections_[static_cast<std::size_t>(connection.socket)].reset();
}

Connection* Core::take_idle(Route& route) {
  while (!route.idle.empty()) {
    Connection* const connection = route.idle.back();
    if (now_ - connection->idle_since < longest_idle) {
      route.idle.pop_back();
      --idle_;
      return connection;
    }
    drop(*connection);
  }
  return nullptr;
}

void Core::keep(Connection& connection) {
  connection.served = true;
  if (auto const& waiting = connection.route.waiting; !waiting.empty()) {
    Exchange& first = *waiting.front();
    unqueue(first);
    serve(connection, first);
    return;
  }
  connection.idle_since = now_;
  connection.route.idle.push_back(&connection);
  ++idle_;
  Connection* oldest = nullptr;
  for (auto const& route : routes_) {
    if (route->idle.empty()) continue;
    Connection* const first = route->idle.front();
    if (oldest == nullptr || first->idle_since < oldest->idle_since) oldest = first;
  }
  if (idle_ > settings_.max_connections || now_ - oldest->idle_since >= longest_idle) drop(*oldest);
}

// Readiness

// Only while there are connections: a loop that waits for nothing must be able to end.
void Core::wait() {
  if (waiting_ || closed_) return;
  waiting_ = true;
  poll_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                   [weak = weak_from_this()](boost::system::error_code error) {
                     auto const self = weak.lock();
                     if (!self) return;
                     self->waiting_ = false;
                     if (!error && !self->closed_) self->turn();
                   });
}

Connection* Core::find(std::uint64_t mark) const {
  auto const index = static_cast<std::size_t>(static_cast<std::uint32_t>(mark));
  auto* const connection = index < connections_.size() ? connections_[index].get() : nullptr;
  return connection != nullptr && mark_of(*connection) == mark ? connection : nullptr;
}

void Core::turn() {
  std::array<epoll_event, 64> events;
  int const count = ::epoll_wait(poll_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
  now_ = std::chrono::steady_clock::now();
  for (int i = 0; i < count && !closed_; ++i) {
    auto const& event = events[static_cast<std::size_t>(i)];
    Connection* connection = find(event.data.u64);
    if (connection == nullptr) continue;
    if ((event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) connection->ending = true;
    bool const readable = (event.events & EPOLLIN) != 0 || connection->ending;
    bool const writable = (event.events & EPOLLOUT) != 0;
    if (readable) connection->link->stir(connection->ending);
    if (connection->shaking) {
      shake_hands(*connection);
      continue;
    }
    if (writable && connection->exchange != nullptr && !connection->exchange->left.empty()) {
      flush(*connection);
      connection = find(event.data.u64);
    }
    if (connection == nullptr || !(readable || (writable && connection->tls && connection->tls->stuck())))
      continue;
    if (connection->exchange != nullptr)
      read(*connection);
    else
      look(*connection);
  }
  if (!closed_ &&
      std::any_of(connections_.begin(), connections_.end(), [](auto const& c) { return c != nullptr; }))
    wait();
}

// Time: one timer, re-armed only for an earlier deadline, looks after all exchanges. Mostly the deadline that
// armed it has moved on when it comes.

base::Steady Core::deadline_of(Exchange const& exchange) const {
  auto const idle = exchange.request.timeouts.idle;
  if (exchange.waiting) return std::min(exchange.deadline, exchange.connect_by);
  if (exchange.connection == nullptr) return exchange.deadline;  // the connector looks after the rest
  if (exchange.connection->shaking) return std::min(exchange.deadline, exchange.connect_by);
  if (idle.count() == 0) return exchange.deadline;
  return std::min(exchange.deadline, exchange.moved + idle);
}

void Core::watch(base::Steady deadline) {
  if (deadline == base::Steady::max() || (armed_ && *armed_ <= deadline)) return;
  armed_ = deadline;
  timer_.expires_at(deadline);
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
    auto const self = weak.lock();
    if (error || !self || self->closed_) return;
    self->armed_.reset();
    self->sweep();
  });
}

void Core::sweep() {
  now_ = std::chrono::steady_clock::now();
  auto earliest = base::Steady::max();
  for (std::size_t i = under_way_.size(); i-- > 0 && !closed_;) {
    if (i >= under_way_.size()) continue;
    Exchange& exchange = *under_way_[i];
    auto const deadline = deadline_of(exchange);
    if (now_ < deadline) {
      earliest = std::min(earliest, deadline);
      continue;
    }
    Failure failure;
    failure.kind = now_ >= exchange.deadline ? Failure::Kind::total : Failure::Kind::idle;
    if (failure.kind == Failure::Kind::idle && (exchange.waiting || exchange.connection->shaking)) {
      failure.kind = Failure::Kind::connecting;
      failure.code = CURLE_OPERATION_TIMEDOUT;
    }
    abandon(exchange);
    fail(exchange, std::move(failure));
  }
  if (!closed_) watch(earliest);
}

}  // namespace http::curl
