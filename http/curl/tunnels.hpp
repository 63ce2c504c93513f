#pragma once

#include <curl/curl.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/curl/connector.hpp"
#include "http/curl/libcurl.hpp"

namespace http::curl {

class TunnelLink;

// Connections by way of a proxy: libcurl's multi handle driven by one Asio loop. libcurl says which sockets
// and which time it waits for; we wait with Asio and tell it. Use from one thread only.
class Tunnels final : public Connector, public std::enable_shared_from_this<Tunnels> {
 public:
  Tunnels(Libcurl const& libcurl, boost::asio::any_io_executor executor, std::string user_agent,
          Listener& listener);
  ~Tunnels() override;
  Tunnels(Tunnels const&) = delete;
  Tunnels& operator=(Tunnels const&) = delete;

  base::Result<Link*> begin(Destination const& destination) override;
  void drop(Link& link) noexcept override;
  // All links that stand must be gone.
  void close() noexcept override;

 private:
  struct Socket;

  static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address) noexcept;
  static int on_close(void* self, curl_socket_t fd) noexcept;
  static int on_interest(CURL*, curl_socket_t fd, int what, void* self, void*) noexcept;
  static int on_timer(CURLM*, long milliseconds, void* self) noexcept;

  std::shared_ptr<Socket> const& enlist(curl_socket_t fd);
  std::shared_ptr<Socket> find(curl_socket_t fd) const;
  void delist(curl_socket_t fd) noexcept;
  static void wait(std::shared_ptr<Socket> const& socket);
  static void wait_for(std::shared_ptr<Socket> const& socket, int direction);
  void schedule(std::chrono::steady_clock::time_point deadline);
  void kick();
  void act(curl_socket_t fd, int events);
  std::unique_ptr<TunnelLink> take(Link& link) noexcept;
  std::unique_ptr<TunnelLink> hand_over(TunnelLink& link) noexcept;

  Libcurl const& libcurl_;
  boost::asio::any_io_executor executor_;
  std::string user_agent_;
  Listener& listener_;
  CURLM* multi_;
  std::vector<std::shared_ptr<Socket>> sockets_;  // by file descriptor
  std::vector<std::unique_ptr<TunnelLink>> links_;
  curl_socket_t outlives_ = CURL_SOCKET_BAD;  // libcurl's connection, which is being closed
  boost::asio::steady_timer timer_;
  std::optional<std::chrono::steady_clock::time_point> wanted_;  // when libcurl wants to be called
  std::optional<std::chrono::steady_clock::time_point> armed_;   // when timer_ will wake us
  bool kicked_ = false;
};

}  // namespace http::curl
