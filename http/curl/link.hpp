#pragma once

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "http/curl/proxies.hpp"
#include "http/curl/trust.hpp"
#include "http/origin.hpp"

namespace http::curl {

struct Exchange;

// Where a link goes, and by what way.
struct Destination {
  Origin origin;
  Proxy const* proxy = nullptr;          // outlives the link
  std::shared_ptr<Trust> trust;          // what a proxy that is reached by TLS is believed by
  std::chrono::milliseconds timeout{0};  // until the connection stands; zero is no limit
};

// The way of bytes to an origin, on which TLS, if there is any, is ours. libcurl makes it: names, addresses,
// proxies, the tunnel through one (CURLOPT_CONNECT_ONLY). Then the socket is ours, and libcurl forgets it;
// only where a proxy is itself reached by TLS, every byte still goes through libcurl.
class Link {
 public:
  // `sockets` is what libcurl hands to the two functions that open and close a socket.
  Link(Destination const& destination, std::string const& user_agent, void* sockets,
       curl_opensocket_callback open, curl_closesocket_callback close);
  ~Link();
  Link(Link const&) = delete;
  Link& operator=(Link const&) = delete;

  // Begins to connect.
  CURLMcode join(CURLM* multi);
  // It's connected. True: libcurl has to let go of the socket, which is ours now.
  bool stand();
  // libcurl has nothing more to do with it.
  void leave() noexcept;

  // Neither waits. CURLE_AGAIN: not now. No bytes received: the other side has ended the connection in good
  // order.
  CURLcode send(std::string_view bytes, std::size_t& sent);
  CURLcode receive(std::span<char> into, std::size_t& received);
  // There may be something to receive again. `ending`: and the other side's end will be behind it.
  void stir(bool ending) {
    drained_ = false;
    ending_ = ending_ || ending;
  }

  CURL* handle() const { return handle_; }
  curl_socket_t socket() const { return socket_; }
  long connect_status() const;                           // the proxy's answer to CONNECT, 0 for none
  char const* detail() const { return detail_.data(); }  // what was wrong, in words, at the last failure
  static Link* of(CURL* handle);

  Exchange* waiting = nullptr;  // for it to stand; its owner's
  std::size_t place = 0;        // among those that are not yet connected; the Connector's

 private:
  template <class Value>
  void set(CURLoption option, Value value);
  void aim(Destination const& destination);
  void secure();
  CURLcode failed(CURLcode code);
  static CURLcode on_tls(CURL*, void* context, void* trust) noexcept;

  CURL* handle_;
  CURLM* multi_ = nullptr;
  curl_socket_t socket_ = CURL_SOCKET_BAD;
  std::shared_ptr<Trust> trust_;
  bool sealed_proxy_;
  bool drained_ = false;  // the last read took all there was: the next event comes first
  bool ending_ = false;
  std::array<char, CURL_ERROR_SIZE> detail_{};
};

}  // namespace http::curl
