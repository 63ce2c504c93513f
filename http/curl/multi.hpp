#pragma once

#include <curl/curl.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "http/curl/easy.hpp"

namespace http::curl {

// libcurl's multi handle driven by one Asio loop. libcurl says which sockets and which time it waits for; we
// wait with Asio and tell it. Coroutines are never resumed from inside libcurl. Use from one thread only.
class Multi final : public std::enable_shared_from_this<Multi> {
 public:
  Multi(boost::asio::any_io_executor executor, base::Log& log, Trust trust, Proxies proxies,
        std::string user_agent, std::size_t max_connections);
  ~Multi();
  Multi(Multi const&) = delete;
  Multi& operator=(Multi const&) = delete;

  boost::asio::any_io_executor const& executor() const { return executor_; }
  // Another one on the same loop, for requests to this peer alone: no connection is ever common to the two.
  // Closed with this one. invalid: the peer's authorities can't be understood.
  Result<std::shared_ptr<Multi>> apart(Peer const& peer);
  // Begins the exchange; it must be kept until it is finished or forgotten. cancelled: already closed.
  std::optional<Error> start(Exchange& exchange);
  // Ends an exchange that nobody waits for any longer.
  void forget(Exchange& exchange) noexcept;
  // Ends all exchanges as cancelled and closes every connection.
  void close() noexcept;

 private:
  struct Socket;

  static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address) noexcept;
  static int on_close(void* self, curl_socket_t fd) noexcept;
  static int on_interest(CURL*, curl_socket_t fd, int what, void* self, void*) noexcept;
  static int on_timer(CURLM*, long milliseconds, void* self) noexcept;

  std::shared_ptr<Socket> const& enlist(curl_socket_t fd, bool ours);
  std::shared_ptr<Socket> find(curl_socket_t fd) const;
  void delist(curl_socket_t fd) noexcept;
  static void wait(std::shared_ptr<Socket> const& socket);
  static void wait_for(std::shared_ptr<Socket> const& socket, int direction);
  void schedule(std::chrono::steady_clock::time_point deadline);
  void kick();
  void act(curl_socket_t fd, int events);
  void finish(Easy& easy, CURLcode code);
  void detach(Easy& easy) noexcept;

  boost::asio::any_io_executor executor_;
  base::Log& log_;
  Trust trust_;
  Proxies proxies_;
  std::string user_agent_;
  CURLM* multi_;
  std::vector<std::shared_ptr<Socket>> sockets_;  // by file descriptor
  std::vector<std::unique_ptr<Easy>> handles_;
  std::vector<Easy*> idle_;
  std::vector<std::weak_ptr<Multi>> apart_;
  boost::asio::steady_timer timer_;
  std::optional<std::chrono::steady_clock::time_point> wanted_;  // when libcurl wants to be called
  std::optional<std::chrono::steady_clock::time_point> armed_;   // when timer_ will wake us
  bool kicked_ = false;
};

}  // namespace http::curl
