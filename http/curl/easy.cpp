#include "http/curl/easy.hpp"

#include <algorithm>
#include <new>
#include <stdexcept>

#include "base/encoding.hpp"

namespace http::curl {

namespace {

constexpr std::size_t max_header_bytes = std::size_t{256} << 10;

long milliseconds(std::chrono::milliseconds time) { return static_cast<long>(time.count()); }

// Methods that always say how long their body is, even an empty one (RFC 9110 section 8.6).
bool expects_body(std::string const& method) {
  return method == "POST" || method == "PUT" || method == "PATCH" || method == "MERGE";
}

}  // namespace

template <class Value>
void Easy::set(CURLoption option, Value value) {
  auto const code = curl_easy_setopt(handle_, option, value);
  if (code == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  if (code != CURLE_OK) throw std::runtime_error(std::string("libcurl: ") + curl_easy_strerror(code));
}

Easy::Easy(Trust& trust, std::string const& user_agent, void* sockets, curl_opensocket_callback open,
           curl_closesocket_callback close)
    : handle_(curl_easy_init()) {
  if (handle_ == nullptr) throw std::bad_alloc();
  set(CURLOPT_PRIVATE, static_cast<void*>(this));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_USERAGENT, user_agent.c_str());
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  // Ours to decide: empty, not null, for null would ask the process's environment.
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOPROXY, "");
  set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));  // no credential of ours to a proxy
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);

  // Our own store holds the authorities: libcurl must neither parse its bundle nor keep a copy.
  set(CURLOPT_CAINFO, static_cast<char const*>(nullptr));
  set(CURLOPT_CAPATH, static_cast<char const*>(nullptr));
  set(CURLOPT_PROXY_CAINFO, static_cast<char const*>(nullptr));
  set(CURLOPT_PROXY_CAPATH, static_cast<char const*>(nullptr));
  set(CURLOPT_CA_CACHE_TIMEOUT, 0L);
  set(CURLOPT_SSL_CTX_FUNCTION, &Easy::on_tls);
  set(CURLOPT_SSL_CTX_DATA, static_cast<void*>(&trust));
  for (auto const option : {CURLOPT_SSL_VERIFYPEER, CURLOPT_PROXY_SSL_VERIFYPEER}) set(option, 1L);
  for (auto const option : {CURLOPT_SSL_VERIFYHOST, CURLOPT_PROXY_SSL_VERIFYHOST}) set(option, 2L);
  for (auto const option : {CURLOPT_SSLVERSION, CURLOPT_PROXY_SSLVERSION})
    set(option, static_cast<long>(CURL_SSLVERSION_TLSv1_2));

  set(CURLOPT_ERRORBUFFER, detail_.data());
  set(CURLOPT_HEADERFUNCTION, &Easy::on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, &Easy::on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(CURLOPT_PREREQFUNCTION, &Easy::on_begin);
  set(CURLOPT_PREREQDATA, static_cast<void*>(this));
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &Easy::on_progress);
  set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
  set(CURLOPT_OPENSOCKETFUNCTION, open);
  set(CURLOPT_OPENSOCKETDATA, sockets);
  set(CURLOPT_CLOSESOCKETFUNCTION, close);
  set(CURLOPT_CLOSESOCKETDATA, sockets);
}

Easy* Easy::of(CURL* handle) {
  char* self = nullptr;
  curl_easy_getinfo(handle, CURLINFO_PRIVATE, &self);
  return reinterpret_cast<Easy*>(self);
}

void Easy::take(Exchange& exchange, Proxy const* proxy) {
  Request const& request = exchange.request;
  // The path goes into the request line alone: libcurl then parses only a short URL.
  bool const renamed = request.peer && !request.peer->name.empty();
  Origin named = request.origin;
  if (renamed) named.host = request.peer->name;
  std::string url = named.to_string() + '/';
  if (renamed) {
    // libcurl asks for the name of the URL and checks the certificate against it: so the URL has the peer's.
    connect_to_ = "::" + request.origin.host + ':' + std::to_string(request.origin.port);
    connect_field_.data = connect_to_.data();
    set(CURLOPT_CONNECT_TO, &connect_field_);
  }
  if (url != url_) {
    set(CURLOPT_URL, url.c_str());
    url_ = std::move(url);
  }
  std::string const& proxy_url = proxy != nullptr ? proxy->url : std::string();
  if (proxy_url != proxy_) {
    set(CURLOPT_PROXY, proxy_url.c_str());
    proxy_ = proxy_url;
  }
  bool const absolute = proxy != nullptr && !request.origin.secure() && proxy->speaks_http();
  set(CURLOPT_REQUEST_TARGET,
      absolute ? (request.origin.to_string() + request.target).c_str() : request.target.c_str());

  bool const has_body = !request.body.empty() || expects_body(request.method);
  if (has_body) {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, request.body.c_str());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  } else if (request.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else {
    set(CURLOPT_HTTPGET, 1L);
  }
  set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  set_headers(request, has_body);

  Timeouts const& timeouts = request.timeouts;
  // libcurl takes 0 for five minutes.
  constexpr long no_limit = 1'000'000'000;
  set(CURLOPT_CONNECTTIMEOUT_MS, timeouts.connect.count() == 0 ? no_limit : milliseconds(timeouts.connect));
  set(CURLOPT_TIMEOUT_MS, milliseconds(timeouts.total));
  // libcurl averages over some seconds, so on_progress is the one that keeps the limit: this makes libcurl
  // call it every second.
  set(CURLOPT_LOW_SPEED_LIMIT, timeouts.idle.count() == 0 ? 0L : 1L);
  set(CURLOPT_LOW_SPEED_TIME,
      static_cast<long>(std::chrono::ceil<std::chrono::seconds>(timeouts.idle).count()) + 10);

  detail_[0] = '\0';
  exchange.failure.proxy = proxy != nullptr ? proxy->variable : std::string();
  exchange_ = &exchange;
}

void Easy::set_headers(Request const& request, bool has_body) {
  fields_.clear();
  bool typed = false;
  for (auto const& [name, value] : request.headers) {
    if (base::iequals(name, "Content-Length") || base::iequals(name, "Expect")) continue;
    typed = typed || base::iequals(name, "Content-Type");
    // libcurl's way to say a header without a value is a semicolon; a bare colon removes the header.
    append(name, value.empty() ? ";" : ": ", value);
  }
  append("Expect", ":", "");
  if (request.peer && !request.peer->name.empty()) append("Host", ": ", request.origin.authority());
  if (has_body && !typed) append("Content-Type", ":", "");
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    fields_[i].data = lines_[i].data();
    fields_[i].next = i + 1 < fields_.size() ? &fields_[i + 1] : nullptr;
  }
  set(CURLOPT_HTTPHEADER, fields_.data());
}

void Easy::append(std::string_view name, std::string_view separator, std::string_view value) {
  if (lines_.size() == fields_.size()) lines_.emplace_back();
  lines_[fields_.size()].assign(name).append(separator).append(value);
  fields_.push_back({});
}

void Easy::conclude(CURLcode code) {
  Exchange& exchange = *exchange_;
  Failure& failure = exchange.failure;
  long status = 0;
  curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
  if (code == CURLE_OK && !exchange.whole_head) code = CURLE_PARTIAL_FILE;
  if (code == CURLE_OK) {
    exchange.response.status = static_cast<int>(status);
    exchange.response.maybe_applied = exchange.resent;
    return;
  }
  failure.code = code;
  failure.detail = detail_.data();
  curl_easy_getinfo(handle_, CURLINFO_HTTP_CONNECTCODE, &failure.connect_status);
  exchange.error = to_error(failure, exchange.request);
}

void Easy::release() {
  exchange_ = nullptr;
  curl_easy_setopt(handle_, CURLOPT_POSTFIELDS, nullptr);
  curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, nullptr);
}

std::size_t Easy::on_header(char* data, std::size_t size, std::size_t count, void* self) noexcept try {
  auto* exchange = static_cast<Easy*>(self)->exchange_;
  std::size_t const bytes = size * count;
  if (exchange == nullptr) return 0;
  exchange->header_bytes += bytes;
  if (exchange->header_bytes > max_header_bytes) return 0;
  exchange->moved = std::chrono::steady_clock::now();
  std::string_view line(data, bytes);
  auto& headers = exchange->response.headers;
  if (line.starts_with("HTTP/")) {
    headers = {};  // the final answer, after a 100 or on a second connection
    exchange->response.body.clear();
    exchange->whole_head = false;
    return bytes;
  }
  if (base::trim(line).empty()) exchange->whole_head = true;
  auto const colon = line.find(':');
  if (colon != std::string_view::npos && colon > 0)
    headers.add(std::string(line.substr(0, colon)), std::string(base::trim(line.substr(colon + 1))));
  return bytes;
} catch (...) {
  return 0;
}

std::size_t Easy::on_body(char* data, std::size_t size, std::size_t count, void* self) noexcept try {
  auto* exchange = static_cast<Easy*>(self)->exchange_;
  if (exchange == nullptr) return 0;
  std::size_t const bytes = size * count;
  auto& body = exchange->response.body;
  if (bytes > exchange->request.max_response - std::min(body.size(), exchange->request.max_response)) {
    exchange->failure.over_cap = true;
    return 0;
  }
  body.append(data, bytes);
  return bytes;
} catch (...) {
  return 0;
}

// Called when the connection stands and the request is about to go out. A second call means that a kept-alive
// connection died without an answer and libcurl is about to send the request again, which is not for it to
// decide where the request must not be repeated.
int Easy::on_begin(void* self, char*, char*, int, int) noexcept {
  auto* exchange = static_cast<Easy*>(self)->exchange_;
  if (exchange == nullptr) return CURL_PREREQFUNC_ABORT;
  exchange->resent = exchange->failure.begun;
  exchange->failure.begun = true;
  exchange->moved = std::chrono::steady_clock::now();
  return exchange->resent && !exchange->request.repeatable ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

int Easy::on_progress(void* self, curl_off_t, curl_off_t down, curl_off_t, curl_off_t up) noexcept {
  auto* exchange = static_cast<Easy*>(self)->exchange_;
  if (exchange == nullptr || !exchange->failure.begun) return 0;
  auto const now = std::chrono::steady_clock::now();
  if (down + up != exchange->bytes) {
    exchange->bytes = down + up;
    exchange->moved = now;
  }
  auto const idle = exchange->request.timeouts.idle;
  exchange->failure.idle = idle.count() != 0 && now - exchange->moved >= idle;
  return exchange->failure.idle ? 1 : 0;
}

CURLcode Easy::on_tls(CURL*, void* context, void* trust) noexcept try {
  static_cast<Trust*>(trust)->apply(static_cast<SSL_CTX*>(context));
  return CURLE_OK;
} catch (...) {
  return CURLE_OUT_OF_MEMORY;
}

}  // namespace http::curl
