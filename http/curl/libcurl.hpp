#pragma once

#include <curl/curl.h>

namespace http::curl {

// The functions of libcurl that we call. It is loaded when a proxy is first needed, and not with the program:
// Debian's brings thirty libraries (LDAP, Kerberos, SSH, …), which cost each start 3 ms and each process 3
// MiB.
struct Libcurl {
  decltype(&curl_global_init) global_init;
  decltype(&curl_easy_init) easy_init;
  decltype(&curl_easy_cleanup) easy_cleanup;
  decltype(&curl_easy_setopt) easy_setopt;
  decltype(&curl_easy_getinfo) easy_getinfo;
  decltype(&curl_easy_send) easy_send;
  decltype(&curl_easy_recv) easy_recv;
  decltype(&curl_easy_strerror) easy_strerror;
  decltype(&curl_multi_init) multi_init;
  decltype(&curl_multi_cleanup) multi_cleanup;
  decltype(&curl_multi_setopt) multi_setopt;
  decltype(&curl_multi_add_handle) multi_add_handle;
  decltype(&curl_multi_remove_handle) multi_remove_handle;
  decltype(&curl_multi_socket_action) multi_socket_action;
  decltype(&curl_multi_info_read) multi_info_read;
  decltype(&curl_multi_strerror) multi_strerror;

  // Loaded by the first call, for as long as the process lives; nullptr: it is not there. From any thread.
  static Libcurl const* find();
};

}  // namespace http::curl
