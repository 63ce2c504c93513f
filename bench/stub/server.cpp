#include "stub/server.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "stub/reply.hpp"

namespace stub {

namespace {

void check(bool good, char const* what) {
  if (!good) throw std::system_error(errno, std::generic_category(), what);
}

int listen_on(std::uint16_t& port) {
  int const fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  check(fd >= 0, "socket");
  int const on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  check(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "bind");
  check(listen(fd, 4096) == 0, "listen");
  socklen_t size = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return fd;
}

void watch(int epoll, int fd, std::uint32_t events, int how = EPOLL_CTL_ADD) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  epoll_ctl(epoll, how, fd, &event);
}

}  // namespace

Server::Server(Cloud& cloud, TlsContext tls, std::uint16_t port, std::uint16_t tls_port)
    : cloud_(cloud),
      tls_(std::move(tls)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)),
      port_(port),
      tls_port_(tls_port) {
  check(epoll_ >= 0 && timer_ >= 0, "epoll");
  listener_ = listen_on(port_);
  tls_listener_ = listen_on(tls_port_);
  for (int const fd : {listener_, tls_listener_, timer_}) watch(epoll_, fd, EPOLLIN);
}

Server::~Server() {
  sockets_.clear();
  for (int const fd : {listener_, tls_listener_, timer_, epoll_}) close(fd);
}

void Server::run(int stop_fd) {
  watch(epoll_, stop_fd, EPOLLIN);
  std::array<epoll_event, 512> events{};
  while (true) {
    int const count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      auto const& event = events[static_cast<std::size_t>(i)];
      int const fd = event.data.fd;
      if (fd == stop_fd) return;
      if (fd == timer_) {
        ring_alarms();
      } else if (fd == listener_ || fd == tls_listener_) {
        accept_all(fd, fd == tls_listener_);
      } else if (auto const found = sockets_.find(fd); found != sockets_.end()) {
        on_event(*found->second, event.events);
      }
    }
    if (cloud_.arrivals != seen_arrivals_) wake_parked();
  }
}

void Server::accept_all(int listener, bool secure) {
  while (true) {
    int const fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    int const on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto socket = std::make_unique<Socket>(fd, ++numbers_);
    if (secure) {
      socket->tls.reset(SSL_new(tls_.get()));
      SSL_set_fd(socket->tls.get(), fd);
      SSL_set_accept_state(socket->tls.get());
    }
    ++cloud_.counts.connections;
    sockets_[fd] = std::move(socket);
    watch(epoll_, fd, EPOLLIN | EPOLLRDHUP);
  }
}

void Server::on_event(Socket& socket, std::uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    drop(socket);
    return;
  }
  if ((events & EPOLLOUT) != 0 && !socket.held) {
    leave(socket);
    return;
  }
  if (!socket.fill() || (events & EPOLLRDHUP) != 0) {
    drop(socket);
    return;
  }
  work(socket, false);
}

// Answers what has come whole, one request after the other.
void Server::work(Socket& socket, bool last) {
  bool const was_parked = socket.parked;
  while (!socket.held && (!socket.parked || was_parked)) {
    bool const more = work_once(socket, last);
    if (!more) break;
    last = false;
  }
  if (!socket.held && !socket.out.empty()) leave(socket);
}

bool Server::work_once(Socket& socket, bool last) {
  auto parsed = parse(std::string_view(socket.in).substr(socket.taken));
  parsed.request.secure = socket.tls != nullptr;
  if (parsed.progress == Progress::incomplete) return false;
  if (parsed.progress == Progress::wants_continue) {
    if (!socket.told_to_continue) socket.out += "HTTP/1.1 100 Continue\r\n\r\n";
    socket.told_to_continue = true;
    return false;
  }
  if (parsed.progress != Progress::complete) {
    bool const length = parsed.progress == Progress::length_required;
    append_reply(socket.out, length ? "411 Length Required" : "400 Bad Request", "Connection: close\r\n", "");
    socket.close_after = true;
    return false;
  }
  auto const now = std::chrono::steady_clock::now();
  auto const before = socket.out.size();
  auto const again = cloud_.answer(parsed.request, socket.out, now, last);
  if (again) {
    if (!socket.parked) {
      socket.parked = true;
      parked_.push_back(socket.fd);
      set_alarm(socket, *again);
    }
    return false;
  }
  socket.parked = false;
  socket.told_to_continue = false;
  bool const control = Cloud::is_control(parsed.request);
  if (!control) {
    cloud_.counts.bytes_in += parsed.size;
    cloud_.counts.bytes_out += socket.out.size() - before;
  }
  socket.close_after = parsed.request.close || parsed.request.http10;
  socket.taken += parsed.size;
  auto const due = control ? now : cloud_.due(now);
  if (due > now) {
    socket.held = true;
    set_alarm(socket, due);
    return false;
  }
  return !socket.close_after;
}

// Sends what is ready, and goes on with what came meanwhile.
void Server::leave(Socket& socket) {
  if (!socket.flush() || (socket.close_after && socket.out.empty())) {
    drop(socket);
    return;
  }
  bool const more = !socket.out.empty();
  if (more == socket.waits_to_write) return;
  socket.waits_to_write = more;
  auto const events = EPOLLIN | EPOLLRDHUP | (more ? EPOLLOUT : 0U);
  watch(epoll_, socket.fd, static_cast<std::uint32_t>(events), EPOLL_CTL_MOD);
}

void Server::wake_parked() {
  seen_arrivals_ = cloud_.arrivals;
  std::vector<int> waiting;
  waiting.swap(parked_);
  for (int const fd : waiting) {
    auto const found = sockets_.find(fd);
    if (found == sockets_.end() || !found->second->parked) continue;
    work(*found->second, false);
    if (auto const still = sockets_.find(fd); still != sockets_.end() && still->second->parked)
      parked_.push_back(fd);
  }
}

void Server::set_alarm(Socket const& socket, Time when) {
  alarms_.push({when, ++numbers_, socket.fd, socket.id});
  arm_timer();
}

void Server::arm_timer() {
  if (alarms_.empty() || alarms_.top().when >= timer_at_) return;
  timer_at_ = alarms_.top().when;
  auto const since =
      std::chrono::duration_cast<std::chrono::nanoseconds>(timer_at_.time_since_epoch()).count();
  itimerspec spec{};
  spec.it_value.tv_sec = since / 1'000'000'000;
  spec.it_value.tv_nsec = since % 1'000'000'000;
  timerfd_settime(timer_, TFD_TIMER_ABSTIME, &spec, nullptr);
}

void Server::ring_alarms() {
  std::uint64_t rung = 0;
  if (read(timer_, &rung, sizeof rung) < 0 && errno != EAGAIN) return;
  timer_at_ = Time::max();
  auto const now = std::chrono::steady_clock::now();
  while (!alarms_.empty() && alarms_.top().when <= now) {
    auto const alarm = alarms_.top();
    alarms_.pop();
    auto const found = sockets_.find(alarm.fd);
    if (found == sockets_.end() || found->second->id != alarm.id) continue;
    auto& socket = *found->second;
    if (socket.held) {
      socket.held = false;
      if (!socket.out.empty()) leave(socket);
      if (auto const still = sockets_.find(alarm.fd);
          still != sockets_.end() && still->second->id == alarm.id)
        work(*still->second, false);
    } else if (socket.parked) {
      work(socket, true);
    }
  }
  arm_timer();
}

void Server::drop(Socket& socket) { sockets_.erase(socket.fd); }

}  // namespace stub
