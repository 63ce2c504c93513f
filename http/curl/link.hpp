#pragma once

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "http/curl/proxies.hpp"
#include "http/curl/trust.hpp"
#include "http/request.hpp"

namespace http::curl {

// Where a link goes, and by what way.
struct Destination {
  Origin origin;
  Proxy const* proxy = nullptr;  // outlives the link
  std::optional<Peer> peer;
  std::shared_ptr<Trust> trust;
  std::chrono::milliseconds timeout{0};  // until the connection stands; zero is no limit
};

// One connection that libcurl makes and then leaves to us: name, proxy, TLS and the check of the certificate
// are libcurl's, the bytes are ours (CURLOPT_CONNECT_ONLY).
class Link {
 public:
  // `sockets` is what libcurl hands to the two functions that open and close a socket.
  Link(Destination const& destination, std::string const& user_agent, void* sockets,
       curl_opensocket_callback open, curl_closesocket_callback close);
  ~Link() { curl_easy_cleanup(handle_); }
  Link(Link const&) = delete;
  Link& operator=(Link const&) = delete;

  // To be called once it's connected, before the two that follow: receives what came unasked, which is mostly
  // nothing (CURLE_AGAIN).
  CURLcode stand(std::span<char> into, std::size_t& received);
  // Neither waits. CURLE_AGAIN: not now. No bytes received: the other side has ended
  // the connection in good order.
  CURLcode send(std::string_view bytes, std::size_t& sent);
  CURLcode receive(std::span<char> into, std::size_t& received);
  // Ready means for the socket what it means here: no layer between holds bytes back.
  bool plain() const { return plain_; }

  CURL* handle() const { return handle_; }
  curl_socket_t socket() const;
  long connect_status() const;                           // the proxy's answer to CONNECT, 0 for none
  char const* detail() const { return detail_.data(); }  // libcurl's own words for its last failure
  static Link* of(CURL* handle);

 private:
  template <class Value>
  void set(CURLoption option, Value value);
  void aim(Destination const& destination);
  void secure();
  CURLcode failed(CURLcode code);
  static CURLcode on_tls(CURL*, void* context, void* trust) noexcept;

  CURL* handle_;
  curl_socket_t socket_ = CURL_SOCKET_BAD;
  std::shared_ptr<Trust> trust_;
  curl_slist connect_field_{};
  std::string connect_to_;
  bool plain_;
  std::array<char, CURL_ERROR_SIZE> detail_{};
};

}  // namespace http::curl
