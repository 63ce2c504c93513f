#pragma once

#include <curl/curl.h>

#include <array>
#include <string>
#include <vector>

#include "http/curl/exchange.hpp"
#include "http/curl/proxies.hpp"
#include "http/curl/trust.hpp"

namespace http::curl {

// One libcurl easy handle, set up once and used for one exchange after the other.
class Easy {
 public:
  // `sockets` is what libcurl hands to the two functions that open and close a socket.
  Easy(Trust& trust, std::string const& user_agent, void* sockets, curl_opensocket_callback open,
       curl_closesocket_callback close);
  ~Easy() { curl_easy_cleanup(handle_); }
  Easy(Easy const&) = delete;
  Easy& operator=(Easy const&) = delete;

  // Ties the handle to `exchange`, which must live until release().
  void take(Exchange& exchange, Proxy const* proxy);
  // Moves libcurl's verdict into the exchange and lets go of it.
  void conclude(CURLcode code);
  void release();

  CURL* handle() const { return handle_; }
  Exchange* exchange() const { return exchange_; }
  static Easy* of(CURL* handle);

 private:
  template <class Value>
  void set(CURLoption option, Value value);
  void set_headers(Request const& request, bool has_body);
  void append(std::string_view name, std::string_view separator, std::string_view value);

  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self) noexcept;
  static int on_begin(void* self, char*, char*, int, int) noexcept;
  static int on_progress(void* self, curl_off_t, curl_off_t down, curl_off_t, curl_off_t up) noexcept;
  static CURLcode on_tls(CURL*, void* context, void* trust) noexcept;

  CURL* handle_;
  Exchange* exchange_ = nullptr;
  std::string url_;
  std::string proxy_;
  std::string connect_to_;  // host and port, where they are not those of url_
  curl_slist connect_field_{};
  std::vector<std::string> lines_;  // kept from one request to the next for their capacity
  std::vector<curl_slist> fields_;  // the list that libcurl reads, over lines_
  std::array<char, CURL_ERROR_SIZE> detail_{};
};

}  // namespace http::curl
