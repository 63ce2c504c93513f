#include "http/curl/libcurl.hpp"

#include <dlfcn.h>

#include <optional>

namespace http::curl {

namespace {

std::optional<Libcurl> load() {
  void* const library = ::dlopen("libcurl.so.4", RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) return std::nullopt;
  Libcurl made{};
  bool whole = true;
  auto const take = [&](auto& function, char const* name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
    whole = whole && function != nullptr;
  };
  take(made.global_init, "curl_global_init");
  take(made.easy_init, "curl_easy_init");
  take(made.easy_cleanup, "curl_easy_cleanup");
  take(made.easy_setopt, "curl_easy_setopt");
  take(made.easy_getinfo, "curl_easy_getinfo");
  take(made.easy_send, "curl_easy_send");
  take(made.easy_recv, "curl_easy_recv");
  take(made.easy_strerror, "curl_easy_strerror");
  take(made.multi_init, "curl_multi_init");
  take(made.multi_cleanup, "curl_multi_cleanup");
  take(made.multi_setopt, "curl_multi_setopt");
  take(made.multi_add_handle, "curl_multi_add_handle");
  take(made.multi_remove_handle, "curl_multi_remove_handle");
  take(made.multi_socket_action, "curl_multi_socket_action");
  take(made.multi_info_read, "curl_multi_info_read");
  take(made.multi_strerror, "curl_multi_strerror");
  if (!whole || made.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return std::nullopt;
  return made;
}

}  // namespace

Libcurl const* Libcurl::find() {
  static std::optional<Libcurl> const loaded = load();
  return loaded ? &*loaded : nullptr;
}

}  // namespace http::curl
