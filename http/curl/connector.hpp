#pragma once

#include <curl/curl.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "base/error.hpp"
#include "http/curl/link.hpp"

namespace http::curl {

// Makes connections without blocking: libcurl's multi handle driven by one Asio loop. libcurl says which
// sockets and which time it waits for; we wait with Asio and tell it. Use from one thread only.
class Connector final : public std::enable_shared_from_this<Connector> {
 public:
  // Told how an attempt ended, from the loop and never from inside libcurl.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void connected(std::unique_ptr<Link> link) = 0;
    virtual void failed(std::unique_ptr<Link> link, CURLcode code) = 0;
  };

  Connector(boost::asio::any_io_executor executor, std::string user_agent, Listener& listener);
  ~Connector();
  Connector(Connector const&) = delete;
  Connector& operator=(Connector const&) = delete;

  // Begins to connect. The link lives here until that has ended.
  base::Result<Link*> begin(Destination const& destination);
  // Ends an attempt, of which nothing is told any more.
  void drop(Link& link) noexcept;
  // Nothing more is told. All links that stand must be gone.
  void close() noexcept;

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
  std::unique_ptr<Link> take(Link& link) noexcept;
  std::unique_ptr<Link> hand_over(Link& link) noexcept;

  boost::asio::any_io_executor executor_;
  std::string user_agent_;
  Listener& listener_;
  CURLM* multi_;
  std::vector<std::shared_ptr<Socket>> sockets_;  // by file descriptor
  std::vector<std::unique_ptr<Link>> links_;
  curl_socket_t outlives_ = CURL_SOCKET_BAD;  // libcurl's connection, which is being closed
  boost::asio::steady_timer timer_;
  std::optional<std::chrono::steady_clock::time_point> wanted_;  // when libcurl wants to be called
  std::optional<std::chrono::steady_clock::time_point> armed_;   // when timer_ will wake us
  bool kicked_ = false;
};

}  // namespace http::curl
