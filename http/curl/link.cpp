#include "http/curl/link.hpp"

#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>
#include <stdexcept>

#include "base/encoding.hpp"

namespace http::curl {

template <class Value>
void Link::set(CURLoption option, Value value) {
  auto const code = curl_easy_setopt(handle_, option, value);
  if (code == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  if (code != CURLE_OK) throw std::runtime_error(std::string("libcurl: ") + curl_easy_strerror(code));
}

Link::Link(Destination const& destination, std::string const& user_agent, void* sockets,
           curl_opensocket_callback open, curl_closesocket_callback close)
    : handle_(curl_easy_init()),
      trust_(destination.trust),
      sealed_proxy_(destination.proxy != nullptr &&
                    base::lower(destination.proxy->url).starts_with("https")) {
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
    set(CURLOPT_ERRORBUFFER, detail_.data());
    set(CURLOPT_OPENSOCKETFUNCTION, open);
    set(CURLOPT_OPENSOCKETDATA, sockets);
    set(CURLOPT_CLOSESOCKETFUNCTION, close);
    set(CURLOPT_CLOSESOCKETDATA, sockets);
    if (sealed_proxy_) secure();
    aim(destination);
  } catch (...) {
    curl_easy_cleanup(handle_);
    throw;
  }
}

Link::~Link() {
  leave();
  if (socket_ != CURL_SOCKET_BAD && !sealed_proxy_) ::close(socket_);
}

void Link::secure() {
  // Our own store holds the authorities: libcurl must neither parse its bundle nor keep a copy.
  set(CURLOPT_CAINFO, static_cast<char const*>(nullptr));
  set(CURLOPT_CAPATH, static_cast<char const*>(nullptr));
  set(CURLOPT_PROXY_CAINFO, static_cast<char const*>(nullptr));
  set(CURLOPT_PROXY_CAPATH, static_cast<char const*>(nullptr));
  set(CURLOPT_CA_CACHE_TIMEOUT, 0L);
  set(CURLOPT_SSL_CTX_FUNCTION, &Link::on_tls);
  set(CURLOPT_SSL_CTX_DATA, static_cast<void*>(trust_.get()));
  for (auto const option : {CURLOPT_SSL_VERIFYPEER, CURLOPT_PROXY_SSL_VERIFYPEER}) set(option, 1L);
  for (auto const option : {CURLOPT_SSL_VERIFYHOST, CURLOPT_PROXY_SSL_VERIFYHOST}) set(option, 2L);
  for (auto const option : {CURLOPT_SSLVERSION, CURLOPT_PROXY_SSLVERSION})
    set(option, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
}

void Link::aim(Destination const& destination) {
  Origin const& origin = destination.origin;
  // The scheme is http in any case: TLS to the origin is none of libcurl's business, so that it has to be
  // told to ask a proxy for a tunnel.
  set(CURLOPT_URL, ("http://" + origin.host + ':' + std::to_string(origin.port) + '/').c_str());
  set(CURLOPT_HTTPPROXYTUNNEL, origin.secure() ? 1L : 0L);
  // Ours to decide: empty, not null, for null would ask the process's environment.
  set(CURLOPT_PROXY, destination.proxy != nullptr ? destination.proxy->url.c_str() : "");
  set(CURLOPT_NOPROXY, "");
  // libcurl takes 0 for five minutes.
  constexpr long no_limit = 1'000'000'000;
  auto const limit = static_cast<long>(destination.timeout.count());
  set(CURLOPT_CONNECTTIMEOUT_MS, limit == 0 ? no_limit : limit);
}

Link* Link::of(CURL* handle) {
  char* self = nullptr;
  curl_easy_getinfo(handle, CURLINFO_PRIVATE, &self);
  return reinterpret_cast<Link*>(self);
}

CURLMcode Link::join(CURLM* multi) {
  auto const code = curl_multi_add_handle(multi, handle_);
  if (code == CURLM_OK) multi_ = multi;
  return code;
}

bool Link::stand() {
  curl_easy_getinfo(handle_, CURLINFO_ACTIVESOCKET, &socket_);
  detail_[0] = '\0';  // of an address that was tried in vain
  return !sealed_proxy_;
}

void Link::leave() noexcept {
  if (handle_ == nullptr) return;
  if (multi_ != nullptr) curl_multi_remove_handle(multi_, handle_);
  curl_easy_cleanup(handle_);
  handle_ = nullptr;
}

CURLcode Link::send(std::string_view bytes, std::size_t& sent) {
  if (sealed_proxy_) return curl_easy_send(handle_, bytes.data(), bytes.size(), &sent);
  ssize_t done = 0;
  do done = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  while (done < 0 && errno == EINTR);
  if (done < 0) return failed(CURLE_SEND_ERROR);
  sent = static_cast<std::size_t>(done);
  return CURLE_OK;
}

CURLcode Link::receive(std::span<char> into, std::size_t& received) {
  if (sealed_proxy_) return curl_easy_recv(handle_, into.data(), into.size(), &received);
  if (drained_) return CURLE_AGAIN;
  ssize_t done = 0;
  do done = ::recv(socket_, into.data(), into.size(), 0);
  while (done < 0 && errno == EINTR);
  if (done < 0) return failed(CURLE_RECV_ERROR);
  received = static_cast<std::size_t>(done);
  // A socket gives all it has, and what comes later is a new event.
  drained_ = received < into.size() && !ending_;
  return CURLE_OK;
}

CURLcode Link::failed(CURLcode code) {
  if (errno == EAGAIN || errno == EWOULDBLOCK) return CURLE_AGAIN;
  std::snprintf(detail_.data(), detail_.size(), "%s", std::strerror(errno));
  return code;
}

long Link::connect_status() const {
  long status = 0;
  if (handle_ != nullptr) curl_easy_getinfo(handle_, CURLINFO_HTTP_CONNECTCODE, &status);
  return status;
}

CURLcode Link::on_tls(CURL*, void* context, void* trust) noexcept try {
  static_cast<Trust*>(trust)->apply(static_cast<SSL_CTX*>(context));
  // What could not be written is written again from another place.
  SSL_CTX_set_mode(static_cast<SSL_CTX*>(context),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return CURLE_OK;
} catch (...) {
  return CURLE_OUT_OF_MEMORY;
}

}  // namespace http::curl
