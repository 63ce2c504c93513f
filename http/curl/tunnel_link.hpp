#pragma once

#include <array>

#include "http/curl/libcurl.hpp"
#include "http/curl/link.hpp"

namespace http::curl {

// A link by way of a proxy. libcurl makes it: names, addresses, the tunnel (CURLOPT_CONNECT_ONLY). Then the
// socket is ours, and libcurl forgets it; only where the proxy is itself reached by TLS, every byte still
// goes through libcurl.
class TunnelLink final : public Link {
 public:
  // `sockets` is what libcurl hands to the two functions that open and close a socket.
  TunnelLink(Libcurl const& libcurl, Destination const& destination, std::string const& user_agent,
             void* sockets, curl_opensocket_callback open, curl_closesocket_callback close);
  ~TunnelLink() override;

  // Begins to connect.
  CURLMcode join(CURLM* multi);
  // It's connected. True: libcurl has to let go of the socket, which is ours now.
  bool connected();
  // libcurl has nothing more to do with it.
  void leave() noexcept;
  // What libcurl found wrong.
  void failed(CURLcode code);

  CURLcode send(std::string_view bytes, std::size_t& sent) override;
  CURLcode receive(std::span<char> into, std::size_t& received) override;
  long connect_status() const override;
  static TunnelLink* of(Libcurl const& libcurl, CURL* handle);

 private:
  template <class Value>
  void set(CURLoption option, Value value);
  void aim(Destination const& destination);
  void secure();
  CURLcode said(CURLcode code);
  static CURLcode on_tls(CURL*, void* context, void* trust) noexcept;

  Libcurl const& libcurl_;
  CURL* handle_;
  CURLM* multi_ = nullptr;
  std::shared_ptr<Trust> trust_;
  bool sealed_proxy_;
  std::array<char, CURL_ERROR_SIZE> said_{};
};

}  // namespace http::curl
