#include "http/curl/multi.hpp"

#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <new>

namespace http::curl {
namespace asio = boost::asio;

// Registered with Asio from the opening of the socket to its closing: adding it to the poller and taking it
// out again for each request costs more than the request's own system calls.
struct Multi::Socket {
  Socket(Multi* multi_, asio::any_io_executor const& executor, curl_socket_t fd_, bool ours_)
      : multi(multi_), fd(fd_), ours(ours_), descriptor(executor) {
    descriptor.assign(fd);
  }

  Multi* multi;  // null once the socket is closed
  curl_socket_t fd;
  bool ours;         // opened by on_open, else by libcurl itself (its resolver's wake-up)
  int interest = 0;  // CURL_POLL_IN, CURL_POLL_OUT or both
  int pending = 0;   // the directions in which a wait is under way
  asio::posix::stream_descriptor descriptor;
};

Multi::Multi(asio::any_io_executor executor, base::Log& log, Trust trust, Proxies proxies,
             std::string user_agent, std::size_t max_connections)
    : executor_(std::move(executor)),
      log_(log),
      trust_(std::move(trust)),
      proxies_(std::move(proxies)),
      user_agent_(std::move(user_agent)),
      multi_(curl_multi_init()),
      timer_(executor_) {
  if (multi_ == nullptr) throw std::bad_alloc();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Multi::on_interest);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Multi::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(max_connections));
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
}

Multi::~Multi() { close(); }

Result<std::shared_ptr<Multi>> Multi::apart(Peer const& peer) {
  if (multi_ == nullptr) return Error(Errc::cancelled, "the HTTP client is closed");
  auto trust = peer.authorities.empty() ? Result<Trust>(trust_.share()) : Trust::only(peer.authorities, log_);
  if (!trust) return trust.error();
  auto other = std::make_shared<Multi>(executor_, log_, std::move(*trust), proxies_, user_agent_, 1);
  std::erase_if(apart_, [](std::weak_ptr<Multi> const& each) { return each.expired(); });
  apart_.push_back(other);
  return other;
}

std::optional<Error> Multi::start(Exchange& exchange) {
  if (multi_ == nullptr) return Error(Errc::cancelled, "the HTTP client is closed");
  Proxy const* const proxy = proxies_.choose(exchange.request.origin);
  if (proxy != nullptr && !proxy->known())
    return Error(Errc::invalid,
                 "the proxy of " + proxy->variable +
                     " has an unknown scheme: it must begin with http://, https:// or socks5://");
  if (idle_.empty()) {
    idle_.reserve(handles_.size() + 1);
    handles_.push_back(std::make_unique<Easy>(trust_, user_agent_, this, &Multi::on_open, &Multi::on_close));
    idle_.push_back(handles_.back().get());
  }
  Easy& easy = *idle_.back();
  easy.take(exchange, proxy);
  if (auto const code = curl_multi_add_handle(multi_, easy.handle()); code != CURLM_OK) {
    easy.release();
    return Error(Errc::transient,
                 std::string("libcurl could not begin a request: ") + curl_multi_strerror(code));
  }
  idle_.pop_back();
  return std::nullopt;
}

void Multi::detach(Easy& easy) noexcept {
  curl_multi_remove_handle(multi_, easy.handle());
  easy.release();
  idle_.push_back(&easy);  // never allocates: start() reserved the room
}

void Multi::forget(Exchange& exchange) noexcept {
  for (auto const& easy : handles_)
    if (easy->exchange() == &exchange) detach(*easy);
}

void Multi::finish(Easy& easy, CURLcode code) {
  Exchange& exchange = *easy.exchange();
  easy.conclude(code);
  detach(easy);
  exchange.finished = true;
  exchange.done.notify();
}

void Multi::close() noexcept {
  if (multi_ == nullptr) return;
  for (auto const& each : apart_)
    if (auto const other = each.lock()) other->close();
  for (auto const& easy : handles_) {
    Exchange* const exchange = easy->exchange();
    if (exchange == nullptr) continue;
    Error error(Errc::cancelled,
                "the HTTP client was closed while it waited for " + exchange->request.origin.to_string());
    error.maybe_applied = exchange->failure.begun;
    exchange->error = std::move(error);
    detach(*easy);
    exchange->finished = true;
    exchange->done.notify();
  }
  curl_multi_cleanup(multi_);
  multi_ = nullptr;
  idle_.clear();
  handles_.clear();
  for (std::size_t fd = 0; fd < sockets_.size(); ++fd) delist(static_cast<curl_socket_t>(fd));
  timer_.cancel();
}

// Sockets

std::shared_ptr<Multi::Socket> const& Multi::enlist(curl_socket_t fd, bool ours) {
  auto const index = static_cast<std::size_t>(fd);
  if (sockets_.size() <= index) sockets_.resize(index + 1);
  sockets_[index] = std::make_shared<Socket>(this, executor_, fd, ours);
  return sockets_[index];
}

std::shared_ptr<Multi::Socket> Multi::find(curl_socket_t fd) const {
  auto const index = static_cast<std::size_t>(fd);
  return index < sockets_.size() ? sockets_[index] : nullptr;
}

void Multi::delist(curl_socket_t fd) noexcept {
  auto const socket = find(fd);
  if (!socket) return;
  sockets_[static_cast<std::size_t>(fd)].reset();
  socket->multi = nullptr;
  boost::system::error_code ignored;
  if (socket->ours)
    socket->descriptor.close(ignored);
  else
    socket->descriptor.release();  // libcurl closes it
}

curl_socket_t Multi::on_open(void* self, curlsocktype, curl_sockaddr* address) noexcept {
  auto const fd =
      ::socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->protocol);
  if (fd < 0) return CURL_SOCKET_BAD;
  try {
    static_cast<Multi*>(self)->enlist(fd, true);
    return fd;
  } catch (...) {
    ::close(fd);
    return CURL_SOCKET_BAD;
  }
}

int Multi::on_close(void* self, curl_socket_t fd) noexcept {
  static_cast<Multi*>(self)->delist(fd);
  return 0;
}

int Multi::on_interest(CURL*, curl_socket_t fd, int what, void* self, void*) noexcept try {
  auto& multi = *static_cast<Multi*>(self);
  auto socket = multi.find(fd);
  if (what == CURL_POLL_REMOVE) {
    if (!socket) return 0;
    socket->interest = 0;  // it stays registered: the connection is kept alive
    if (!socket->ours) multi.delist(fd);
    return 0;
  }
  if (!socket) socket = multi.enlist(fd, false);
  socket->interest = what;
  wait(socket);
  return 0;
} catch (...) {
  return -1;
}

void Multi::wait(std::shared_ptr<Socket> const& socket) {
  for (int const direction : {CURL_POLL_IN, CURL_POLL_OUT})
    if ((socket->interest & direction) != 0 && (socket->pending & direction) == 0)
      wait_for(socket, direction);
}

void Multi::wait_for(std::shared_ptr<Socket> const& socket, int direction) {
  auto const type = direction == CURL_POLL_IN ? asio::posix::descriptor_base::wait_read
                                              : asio::posix::descriptor_base::wait_write;
  socket->pending |= direction;
  socket->descriptor.async_wait(type, [socket, direction](boost::system::error_code error) {
    socket->pending &= ~direction;
    // A wait may outlive libcurl's interest: what it then sees is for the next request to find.
    if (socket->multi == nullptr || (socket->interest & direction) == 0) return;
    auto const event = direction == CURL_POLL_IN ? CURL_CSELECT_IN : CURL_CSELECT_OUT;
    socket->multi->act(socket->fd, error ? CURL_CSELECT_ERR : event);
    if (socket->multi != nullptr) wait(socket);
  });
}

// Time

int Multi::on_timer(CURLM*, long milliseconds, void* self) noexcept try {
  auto& multi = *static_cast<Multi*>(self);
  if (milliseconds < 0) {
    multi.wanted_.reset();  // the timer may still fire, for nothing: cheaper than to cancel it
  } else if (milliseconds == 0) {
    multi.wanted_.reset();
    multi.kick();
  } else {
    multi.schedule(std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds));
  }
  return 0;
} catch (...) {
  return -1;
}

void Multi::schedule(std::chrono::steady_clock::time_point deadline) {
  wanted_ = deadline;
  if (armed_ && *armed_ <= deadline) return;
  armed_ = deadline;
  timer_.expires_at(deadline);
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
    auto const self = weak.lock();
    if (error || !self || self->multi_ == nullptr) return;
    self->armed_.reset();
    if (!self->wanted_) return;
    if (std::chrono::steady_clock::now() < *self->wanted_) {
      self->schedule(*self->wanted_);
      return;
    }
    self->wanted_.reset();
    self->act(CURL_SOCKET_TIMEOUT, 0);
  });
}

// libcurl must not be called from its own callback, so its "at once" is the loop's next turn. All requests
// that begin in one turn share one call.
void Multi::kick() {
  if (kicked_) return;
  kicked_ = true;
  asio::post(executor_, [weak = weak_from_this()] {
    auto const self = weak.lock();
    if (!self || self->multi_ == nullptr) return;
    self->kicked_ = false;
    self->act(CURL_SOCKET_TIMEOUT, 0);
  });
}

void Multi::act(curl_socket_t fd, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, fd, events, &running);
  int left = 0;
  while (CURLMsg const* const message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    Easy* const easy = Easy::of(message->easy_handle);
    if (easy != nullptr && easy->exchange() != nullptr) finish(*easy, message->data.result);
  }
}

}  // namespace http::curl
