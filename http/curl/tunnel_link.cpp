#include "http/curl/tunnel_link.hpp"

#include <openssl/ssl.h>

#include <new>
#include <stdexcept>

#include "base/encoding.hpp"

namespace http::curl {

template <class Value>
void TunnelLink::set(CURLoption option, Value value) {
  auto const code = libcurl_.easy_setopt(handle_, option, value);
  if (code == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  if (code != CURLE_OK) throw std::runtime_error(std::string("libcurl: ") + libcurl_.easy_strerror(code));
}

TunnelLink::TunnelLink(Libcurl const& libcurl, Destination const& destination, std::string const& user_agent,
                       void* sockets, curl_opensocket_callback open, curl_closesocket_callback close)
    : libcurl_(libcurl),
      handle_(libcurl.easy_init()),
      trust_(destination.trust),
      sealed_proxy_(base::lower(destination.proxy->url).starts_with("https")) {
  if (handle_ == nullptr) throw std::bad_alloc();
  try {
    set(CURLOPT_PRIVATE, static_cast<void*>(this));
    set(CURLOPT_CONNECT_ONLY, 1L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_PROTOCOLS_STR, "http");
    set(CURLOPT_USERAGENT, user_agent.c_str());  // for a proxy, in its CONNECT
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_ERRORBUFFER, said_.data());
    set(CURLOPT_OPENSOCKETFUNCTION, open);
    set(CURLOPT_OPENSOCKETDATA, sockets);
    set(CURLOPT_CLOSESOCKETFUNCTION, close);
    set(CURLOPT_CLOSESOCKETDATA, sockets);
    if (sealed_proxy_) secure();
    aim(destination);
  } catch (...) {
    libcurl_.easy_cleanup(handle_);
    throw;
  }
}

TunnelLink::~TunnelLink() { leave(); }

void TunnelLink::secure() {
  // Our own store holds the authorities: libcurl must neither parse its bundle nor keep a copy.
  set(CURLOPT_CAINFO, static_cast<char const*>(nullptr));
  set(CURLOPT_CAPATH, static_cast<char const*>(nullptr));
  set(CURLOPT_PROXY_CAINFO, static_cast<char const*>(nullptr));
  set(CURLOPT_PROXY_CAPATH, static_cast<char const*>(nullptr));
  set(CURLOPT_CA_CACHE_TIMEOUT, 0L);
  set(CURLOPT_SSL_CTX_FUNCTION, &TunnelLink::on_tls);
  set(CURLOPT_SSL_CTX_DATA, static_cast<void*>(trust_.get()));
  for (auto const option : {CURLOPT_SSL_VERIFYPEER, CURLOPT_PROXY_SSL_VERIFYPEER}) set(option, 1L);
  for (auto const option : {CURLOPT_SSL_VERIFYHOST, CURLOPT_PROXY_SSL_VERIFYHOST}) set(option, 2L);
  for (auto const option : {CURLOPT_SSLVERSION, CURLOPT_PROXY_SSLVERSION})
    set(option, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
}

void TunnelLink::aim(Destination const& destination) {
  Origin const& origin = destination.origin;
  // The scheme is http in any case: TLS to the origin is none of libcurl's business, so that it has to be
  // told to ask a proxy for a tunnel.
  set(CURLOPT_URL, ("http://" + origin.host + ':' + std::to_string(origin.port) + '/').c_str());
  set(CURLOPT_HTTPPROXYTUNNEL, origin.secure() ? 1L : 0L);
  set(CURLOPT_PROXY, destination.proxy->url.c_str());
  set(CURLOPT_NOPROXY, "");  // ours to decide: empty, for null would ask the process's environment
  // libcurl takes 0 for five minutes.
  constexpr long no_limit = 1'000'000'000;
  auto const limit = static_cast<long>(destination.timeout.count());
  set(CURLOPT_CONNECTTIMEOUT_MS, limit == 0 ? no_limit : limit);
}

TunnelLink* TunnelLink::of(Libcurl const& libcurl, CURL* handle) {
  char* self = nullptr;
  libcurl.easy_getinfo(handle, CURLINFO_PRIVATE, &self);
  return reinterpret_cast<TunnelLink*>(self);
}

CURLMcode TunnelLink::join(CURLM* multi) {
  auto const code = libcurl_.multi_add_handle(multi, handle_);
  if (code == CURLM_OK) multi_ = multi;
  return code;
}

bool TunnelLink::connected() {
  curl_socket_t socket = CURL_SOCKET_BAD;
  libcurl_.easy_getinfo(handle_, CURLINFO_ACTIVESOCKET, &socket);
  stand(socket, !sealed_proxy_);
  said_[0] = '\0';
  return !sealed_proxy_;
}

void TunnelLink::leave() noexcept {
  if (handle_ == nullptr) return;
  if (multi_ != nullptr) libcurl_.multi_remove_handle(multi_, handle_);
  libcurl_.easy_cleanup(handle_);
  handle_ = nullptr;
}

CURLcode TunnelLink::send(std::string_view bytes, std::size_t& sent) {
  if (!sealed_proxy_) return Link::send(bytes, sent);
  return said(libcurl_.easy_send(handle_, bytes.data(), bytes.size(), &sent));
}

CURLcode TunnelLink::receive(std::span<char> into, std::size_t& received) {
  if (!sealed_proxy_) return Link::receive(into, received);
  return said(libcurl_.easy_recv(handle_, into.data(), into.size(), &received));
}

CURLcode TunnelLink::said(CURLcode code) {
  if (code != CURLE_OK && code != CURLE_AGAIN) failed(code);
  return code;
}

void TunnelLink::failed(CURLcode code) {
  explain(said_[0] != '\0' ? said_.data() : libcurl_.easy_strerror(code));
}

long TunnelLink::connect_status() const {
  long status = 0;
  if (handle_ != nullptr) libcurl_.easy_getinfo(handle_, CURLINFO_HTTP_CONNECTCODE, &status);
  return status;
}

CURLcode TunnelLink::on_tls(CURL*, void* context, void* trust) noexcept try {
  static_cast<Trust*>(trust)->apply(static_cast<SSL_CTX*>(context));
  // What could not be written is written again from another place.
  SSL_CTX_set_mode(static_cast<SSL_CTX*>(context),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return CURLE_OK;
} catch (...) {
  return CURLE_OUT_OF_MEMORY;
}

}  // namespace http::curl
