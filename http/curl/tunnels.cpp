#include "http/curl/tunnels.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <new>
#include <utility>

#include "http/curl/tunnel_link.hpp"

namespace http::curl {
namespace asio = boost::asio;

// Registered with Asio for as long as libcurl waits for it.
struct Tunnels::Socket {
  Socket(Tunnels* tunnels_, asio::any_io_executor const& executor, curl_socket_t fd_)
      : tunnels(tunnels_), fd(fd_), descriptor(executor) {
    descriptor.assign(fd);
  }
  // libcurl closes the socket itself, or we go on with it.
  ~Socket() {
    if (descriptor.is_open()) descriptor.release();
  }
  Socket(Socket const&) = delete;
  Socket& operator=(Socket const&) = delete;

  Tunnels* tunnels;  // null once nobody waits for it here
  curl_socket_t fd;
  int interest = 0;  // CURL_POLL_IN, CURL_POLL_OUT or both
  int pending = 0;   // the directions in which a wait is under way
  asio::posix::stream_descriptor descriptor;
};

Tunnels::Tunnels(Libcurl const& libcurl, asio::any_io_executor executor, std::string user_agent,
                 Listener& listener)
    : libcurl_(libcurl),
      executor_(std::move(executor)),
      user_agent_(std::move(user_agent)),
      listener_(listener),
      multi_(libcurl_.multi_init()),
      timer_(executor_) {
  if (multi_ == nullptr) throw std::bad_alloc();
  libcurl_.multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Tunnels::on_interest);
  libcurl_.multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  libcurl_.multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Tunnels::on_timer);
  libcurl_.multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  // To libcurl our connections are idle ones, which it would close to make room for others.
  libcurl_.multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 1'000'000L);
  libcurl_.multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
}

Tunnels::~Tunnels() { close(); }

base::Result<Link*> Tunnels::begin(Destination const& destination) {
  links_.push_back(std::make_unique<TunnelLink>(libcurl_, destination, user_agent_, this, &Tunnels::on_open,
                                                &Tunnels::on_close));
  TunnelLink& link = *links_.back();
  link.place = links_.size() - 1;
  if (auto const code = link.join(multi_); code != CURLM_OK) {
    links_.pop_back();
    return base::Error(base::Errc::transient,
                       std::string("libcurl could not begin a connection: ") + libcurl_.multi_strerror(code));
  }
  return &link;
}

void Tunnels::drop(Link& link) noexcept { take(link)->leave(); }

std::unique_ptr<TunnelLink> Tunnels::take(Link& link) noexcept {
  links_.back()->place = link.place;
  std::swap(links_[link.place], links_.back());
  auto taken = std::move(links_.back());
  links_.pop_back();
  return taken;
}

// With it libcurl would go through all standing connections for each that it makes, and hold some ten KiB for
// each.
std::unique_ptr<TunnelLink> Tunnels::hand_over(TunnelLink& link) noexcept {
  auto taken = take(link);
  bool const ours = taken->connected();
  delist(taken->socket());
  if (!ours) return taken;
  outlives_ = taken->socket();
  taken->leave();
  outlives_ = CURL_SOCKET_BAD;
  return taken;
}

void Tunnels::close() noexcept {
  if (multi_ == nullptr) return;
  while (!links_.empty()) drop(*links_.back());
  libcurl_.multi_cleanup(multi_);
  multi_ = nullptr;
  for (std::size_t fd = 0; fd < sockets_.size(); ++fd) delist(static_cast<curl_socket_t>(fd));
  timer_.cancel();
}

// Sockets

std::shared_ptr<Tunnels::Socket> const& Tunnels::enlist(curl_socket_t fd) {
  auto const index = static_cast<std::size_t>(fd);
  if (sockets_.size() <= index) sockets_.resize(index + 1);
  sockets_[index] = std::make_shared<Socket>(this, executor_, fd);
  return sockets_[index];
}

std::shared_ptr<Tunnels::Socket> Tunnels::find(curl_socket_t fd) const {
  auto const index = static_cast<std::size_t>(fd);
  return index < sockets_.size() ? sockets_[index] : nullptr;
}

void Tunnels::delist(curl_socket_t fd) noexcept {
  if (fd == CURL_SOCKET_BAD) return;
  auto const socket = find(fd);
  if (!socket) return;
  sockets_[static_cast<std::size_t>(fd)].reset();
  socket->tunnels = nullptr;
  socket->descriptor.release();
}

curl_socket_t Tunnels::on_open(void*, curlsocktype, curl_sockaddr* address) noexcept {
  auto const fd =
      ::socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->protocol);
  return fd < 0 ? CURL_SOCKET_BAD : fd;
}

int Tunnels::on_close(void* self, curl_socket_t fd) noexcept {
  auto& tunnels = *static_cast<Tunnels*>(self);
  tunnels.delist(fd);
  return fd == tunnels.outlives_ ? 0 : ::close(fd);
}

int Tunnels::on_interest(CURL*, curl_socket_t fd, int what, void* self, void*) noexcept try {
  auto& tunnels = *static_cast<Tunnels*>(self);
  if (what == CURL_POLL_REMOVE) {
    tunnels.delist(fd);
    return 0;
  }
  auto socket = tunnels.find(fd);
  if (!socket) socket = tunnels.enlist(fd);
  socket->interest = what;
  wait(socket);
  return 0;
} catch (...) {
  return -1;
}

void Tunnels::wait(std::shared_ptr<Socket> const& socket) {
  for (int const direction : {CURL_POLL_IN, CURL_POLL_OUT})
    if ((socket->interest & direction) != 0 && (socket->pending & direction) == 0)
      wait_for(socket, direction);
}

void Tunnels::wait_for(std::shared_ptr<Socket> const& socket, int direction) {
  auto const type = direction == CURL_POLL_IN ? asio::posix::descriptor_base::wait_read
                                              : asio::posix::descriptor_base::wait_write;
  socket->pending |= direction;
  socket->descriptor.async_wait(type, [socket, direction](boost::system::error_code error) {
    socket->pending &= ~direction;
    // A wait may outlive libcurl's interest.
    if (socket->tunnels == nullptr || (socket->interest & direction) == 0) return;
    auto const event = direction == CURL_POLL_IN ? CURL_CSELECT_IN : CURL_CSELECT_OUT;
    auto const tunnels = socket->tunnels->shared_from_this();
    tunnels->act(socket->fd, error ? CURL_CSELECT_ERR : event);
    if (socket->tunnels != nullptr) wait(socket);
  });
}

// Time

int Tunnels::on_timer(CURLM*, long milliseconds, void* self) noexcept try {
  auto& tunnels = *static_cast<Tunnels*>(self);
  if (milliseconds < 0) {
    tunnels.wanted_.reset();  // the timer may still fire, for nothing: cheaper than to cancel it
  } else if (milliseconds == 0) {
    tunnels.wanted_.reset();
    tunnels.kick();
  } else {
    tunnels.schedule(std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds));
  }
  return 0;
} catch (...) {
  return -1;
}

void Tunnels::schedule(std::chrono::steady_clock::time_point deadline) {
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

// libcurl must not be called from its own callback, so its "at once" is the loop's next turn. All attempts
// that begin in one turn share one call.
void Tunnels::kick() {
  if (kicked_) return;
  kicked_ = true;
  asio::post(executor_, [weak = weak_from_this()] {
    auto const self = weak.lock();
    if (!self || self->multi_ == nullptr) return;
    self->kicked_ = false;
    self->act(CURL_SOCKET_TIMEOUT, 0);
  });
}

void Tunnels::act(curl_socket_t fd, int events) {
  int running = 0;
  libcurl_.multi_socket_action(multi_, fd, events, &running);
  int left = 0;
  // The listener may drop links, begin others, or close us.
  while (multi_ != nullptr) {
    CURLMsg const* const message = libcurl_.multi_info_read(multi_, &left);
    if (message == nullptr) break;
    if (message->msg != CURLMSG_DONE) continue;
    TunnelLink& link = *TunnelLink::of(libcurl_, message->easy_handle);
    auto const code = message->data.result;
    if (code != CURLE_OK) {
      link.failed(code);
      listener_.failed(take(link), code);
    } else {
      listener_.connected(hand_over(link));
    }
  }
}

}  // namespace http::curl
