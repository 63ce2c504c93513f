#include "http/curl/link.hpp"

#include <openssl/ssl.h>
#include <sys/socket.h>

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
      plain_(!destination.origin.secure() &&
             (destination.proxy == nullptr || !base::lower(destination.proxy->url).starts_with("https"))) {
  if (handle_ == nullptr) throw std::bad_alloc();
  try {
    set(CURLOPT_PRIVATE, static_cast<void*>(this));
    set(CURLOPT_CONNECT_ONLY, 1L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_USERAGENT, user_agent.c_str());  // for a proxy, in its CONNECT
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_ERRORBUFFER, detail_.data());
    set(CURLOPT_OPENSOCKETFUNCTION, open);
    set(CURLOPT_OPENSOCKETDATA, sockets);
    set(CURLOPT_CLOSESOCKETFUNCTION, close);
    set(CURLOPT_CLOSESOCKETDATA, sockets);
    secure();
    aim(destination);
  } catch (...) {
    curl_easy_cleanup(handle_);
    throw;
  }
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
  Origin named = destination.origin;
  if (destination.peer) {
    // A session is resumed without a look at the certificate, which other authorities may have vouched for.
    set(CURLOPT_SSL_SESSIONID_CACHE, 0L);
    if (!destination.peer->name.empty()) {
      // libcurl asks for the name of the URL and checks the certificate against it: so the URL has the
      // peer's.
      connect_to_ = "::" + named.host + ':' + std::to_string(named.port);
      connect_field_.data = connect_to_.data();
      set(CURLOPT_CONNECT_TO, &connect_field_);
      named.host = destination.peer->name;
    }
  }
  set(CURLOPT_URL, (named.to_string() + '/').c_str());
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

// Without TLS the socket is ours to use, and libcurl would look its connection up at each call.
CURLcode Link::send(std::string_view bytes, std::size_t& sent) {
  if (!plain_) return curl_easy_send(handle_, bytes.data(), bytes.size(), &sent);
  ssize_t done = 0;
  do done = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  while (done < 0 && errno == EINTR);
  if (done < 0) return failed(CURLE_SEND_ERROR);
  sent = static_cast<std::size_t>(done);
  return CURLE_OK;
}

CURLcode Link::receive(std::span<char> into, std::size_t& received) {
  if (!plain_) return curl_easy_recv(handle_, into.data(), into.size(), &received);
  ssize_t done = 0;
  do done = ::recv(socket_, into.data(), into.size(), 0);
  while (done < 0 && errno == EINTR);
  if (done < 0) return failed(CURLE_RECV_ERROR);
  received = static_cast<std::size_t>(done);
  return CURLE_OK;
}

CURLcode Link::failed(CURLcode code) {
  if (errno == EAGAIN || errno == EWOULDBLOCK) return CURLE_AGAIN;
  std::snprintf(detail_.data(), detail_.size(), "%s", std::strerror(errno));
  return code;
}

// What touches the connection ties libcurl's handle to it: untied, it's an idle one that libcurl may close.
CURLcode Link::stand(std::span<char> into, std::size_t& received) {
  socket_ = socket();
  return curl_easy_recv(handle_, into.data(), into.size(), &received);
}

curl_socket_t Link::socket() const {
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(handle_, CURLINFO_ACTIVESOCKET, &socket);
  return socket;
}

long Link::connect_status() const {
  long status = 0;
  curl_easy_getinfo(handle_, CURLINFO_HTTP_CONNECTCODE, &status);
  return status;
}

CURLcode Link::on_tls(CURL*, void* context, void* trust) noexcept try {
  auto* const tls = static_cast<SSL_CTX*>(context);
  static_cast<Trust*>(trust)->apply(tls);
  // What could not be written is written again from another place; a record is read in one call, not in one
  // for its length and one for the rest; and its 32 KiB of buffers are kept, of which mostly a page or two is
  // touched: libcurl has OpenSSL allocate them anew for each record.
  SSL_CTX_clear_mode(tls, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(tls, 1);
  return CURLE_OK;
} catch (...) {
  return CURLE_OUT_OF_MEMORY;
}

}  // namespace http::curl
