#include "http/curl/failure.hpp"

namespace http::curl {

namespace {

// libcurl may quote what a server sent.
std::string printable(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  return text;
}

std::string said(Failure const& failure) {
  return " (" + (failure.detail.empty() ? curl_easy_strerror(failure.code) : printable(failure.detail)) + ")";
}

std::string milliseconds(std::chrono::milliseconds time) { return std::to_string(time.count()) + " ms"; }

Error transient(std::string message, bool maybe_applied) {
  Error error(Errc::transient, std::move(message));
  error.maybe_applied = maybe_applied;
  return error;
}

Error timed_out(Failure const& failure, Request const& request, std::string const& where) {
  if (!failure.begun)
    return transient("no connection to " + where + " within " + milliseconds(request.timeouts.connect) +
                         said(failure) + ": check the address, the network and the firewall",
                     false);
  return transient("no whole answer from " + where + ": " +
                       (failure.idle ? "not a byte for " + milliseconds(request.timeouts.idle)
                                     : "it took longer than " + milliseconds(request.timeouts.total)) +
                       "; try again",
                   true);
}

Error proxy_refused(Failure const& failure, std::string const& where) {
  auto const status = std::to_string(failure.connect_status);
  auto const sentence =
      "the proxy of " + failure.proxy + " did not open a tunnel to " + where + ": HTTP " + status;
  if (failure.connect_status >= 500 || failure.connect_status == 429)
    return transient(sentence + "; try again, or take another proxy", false);
  return {Errc::invalid, sentence + (failure.connect_status == 407
                                         ? "; put the user name and password for it into the variable"
                                         : "; check the proxy's rules, or add the host to no_proxy")};
}

}  // namespace

Error to_error(Failure const& failure, Request const& request) {
  std::string const origin = request.origin.to_string();
  std::string const where =
      failure.proxy.empty() ? origin : origin + " through the proxy of " + failure.proxy;
  if (failure.over_cap) {
    Error error(Errc::too_large, "the answer of " + where + " is larger than " +
                                     std::to_string(request.max_response) + " bytes; ask for less at a time");
    error.maybe_applied = true;
    return error;
  }
  if (!failure.begun && failure.connect_status != 0 && failure.connect_status / 100 != 2)
    return proxy_refused(failure, origin);
  if (failure.idle) return timed_out(failure, request, where);
  switch (failure.code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      return {Errc::invalid,
              "the certificate of " + where + " is not trusted" + said(failure) +
                  (request.peer ? ": check the name that it is expected to have, and the certificate "
                                  "authorities that are believed for it"
                                : ": check the address, or name the file of the CA that signed it with "
                                  "--ca-file or SSL_CERT_FILE")};
    case CURLE_COULDNT_RESOLVE_HOST:
      return transient(
          "the name of " + where + " was not found" + said(failure) + ": check the address and the DNS",
          false);
    case CURLE_COULDNT_RESOLVE_PROXY:
      return transient(
          "the proxy named by " + failure.proxy + " was not found: check the variable and the DNS", false);
    case CURLE_COULDNT_CONNECT:
      return transient(
          "no connection to " + where + said(failure) + ": check the address, and that the service runs",
          false);
    case CURLE_SSL_CONNECT_ERROR:
      return transient(
          "no TLS connection to " + where + said(failure) + ": check that this port speaks TLS 1.2 or newer",
          false);
    case CURLE_OPERATION_TIMEDOUT:
      return timed_out(failure, request, where);
    case CURLE_GOT_NOTHING:
    case CURLE_ABORTED_BY_CALLBACK:  // our own stop, before libcurl would have sent it a second time
      return transient(where + " closed the connection without an answer; try again", failure.begun);
    case CURLE_PARTIAL_FILE:
      return transient("the answer of " + where + " ended too early" + said(failure) + "; try again",
                       failure.begun);
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return transient("the connection to " + where + " broke" + said(failure) + "; try again",
                       failure.begun);
    case CURLE_URL_MALFORMAT:
      return {Errc::invalid,
              where + " is not an address that can be reached" + said(failure) + ": check the URI"};
    default:
      break;
  }
  if (failure.begun)
    return transient("the answer of " + where + " makes no sense" + said(failure) +
                         ": check that an HTTP service stands there",
                     true);
  if (failure.code == CURLE_UNSUPPORTED_PROTOCOL || failure.code == CURLE_SSL_CIPHER)
    return {Errc::invalid, "no way to reach " + where + said(failure) + ": check the address" +
                               (failure.proxy.empty() ? "" : " and the variable " + failure.proxy)};
  return transient("no connection to " + where + said(failure) + "; try again", false);
}

}  // namespace http::curl
