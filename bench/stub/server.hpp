#pragma once

#include <cstdint>
#include <memory>
#include <queue>
#include <unordered_map>
#include <vector>

#include "stub/cloud.hpp"
#include "stub/socket.hpp"

namespace stub {

// Serves a Cloud on loopback, over http and https, on one thread.
class Server {
 public:
  // Port 0: any free one. Throws std::system_error where one can't be listened on.
  Server(Cloud& cloud, TlsContext tls, std::uint16_t port, std::uint16_t tls_port);
  ~Server();
  Server(Server const&) = delete;
  Server& operator=(Server const&) = delete;

  std::uint16_t port() const { return port_; }
  std::uint16_t tls_port() const { return tls_port_; }
  // Until `stop_fd` can be read.
  void run(int stop_fd);

 private:
  struct Alarm {
    Time when;
    std::uint64_t order;  // of two at the same time the earlier one first
    int fd;
    std::uint64_t id;
    bool operator>(Alarm const& other) const {
      return when != other.when ? when > other.when : order > other.order;
    }
  };

  void accept_all(int listener, bool secure);
  void on_event(Socket& socket, std::uint32_t events);
  void work(Socket& socket, bool last);
  bool work_once(Socket& socket, bool last);
  void leave(Socket& socket);
  void wake_parked();
  void set_alarm(Socket const& socket, Time when);
  void arm_timer();
  void ring_alarms();
  void drop(Socket& socket);

  Cloud& cloud_;
  TlsContext tls_;
  int epoll_;
  int timer_;
  int listener_ = -1;
  int tls_listener_ = -1;
  std::uint16_t port_ = 0;
  std::uint16_t tls_port_ = 0;
  std::uint64_t numbers_ = 0;
  std::unordered_map<int, std::unique_ptr<Socket>> sockets_;
  std::priority_queue<Alarm, std::vector<Alarm>, std::greater<>> alarms_;
  Time timer_at_ = Time::max();
  std::vector<int> parked_;
  std::uint64_t seen_arrivals_ = 0;
};

}  // namespace stub
