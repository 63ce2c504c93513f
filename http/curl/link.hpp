#pragma once

#include <curl/curl.h>

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

// The way of bytes to an origin, on which TLS, if there is any, is ours: a socket, once it stands.
class Link {
 public:
  Link() = default;
  virtual ~Link();
  Link(Link const&) = delete;
  Link& operator=(Link const&) = delete;

  // It stands on this socket, which it closes in the end where it is `ours`.
  void stand(int socket, bool ours) {
    socket_ = socket;
    ours_ = ours;
    detail_.clear();  // of an address that was tried in vain
  }
  // Neither waits. CURLE_AGAIN: not now. No bytes received: the other side has ended the connection in good
  // order.
  virtual CURLcode send(std::string_view bytes, std::size_t& sent);
  virtual CURLcode receive(std::span<char> into, std::size_t& received);
  // There may be something to receive again. `ending`: and the other side's end will be behind it.
  void stir(bool ending) {
    drained_ = false;
    ending_ = ending_ || ending;
  }

  int socket() const { return socket_; }
  virtual long connect_status() const { return 0; }      // a proxy's answer to CONNECT, 0 for none
  std::string const& detail() const { return detail_; }  // what was wrong, in words, at the last failure
  void explain(std::string detail) { detail_ = std::move(detail); }

  Exchange* waiting = nullptr;  // for it to stand; its owner's
  std::size_t place = 0;        // among those that are not yet connected; the Connector's

 private:
  CURLcode failed(CURLcode code);

  int socket_ = -1;
  bool ours_ = false;
  bool drained_ = false;  // the last read took all there was: the next event comes first
  bool ending_ = false;
  std::string detail_;
};

}  // namespace http::curl
