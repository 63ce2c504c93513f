#include "http/curl/failure.hpp"

namespace http::curl {

namespace {

using Kind = Failure::Kind;

// A reason may quote what a server sent.
std::string printable(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  return text;
}

std::string said(Failure const& failure) {
  return failure.detail.empty() ? "" : " (" + printable(failure.detail) + ")";
}

std::string milliseconds(std::chrono::milliseconds time) { return std::to_string(time.count()) + " ms"; }

Error transient(std::string message, bool maybe_applied) {
  Error error(Errc::transient, std::move(message));
  error.maybe_applied = maybe_applied;
  return error;
}

Error no_connection_within(std::chrono::milliseconds limit, std::string const& where) {
  return transient("no connection to " + where + " within " + milliseconds(limit) +
                       ": check the address, the network and the firewall",
                   false);
}

Error no_answer(std::string const& where, std::string const& why, bool maybe_applied) {
  return transient("no whole answer from " + where + ": " + why + "; try again", maybe_applied);
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

Error not_connected(Failure const& failure, Request const& request, std::string const& where) {
  if (failure.connect_status != 0 && failure.connect_status / 100 != 2)
    return proxy_refused(failure, request.origin.to_string());
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
      return no_connection_within(request.timeouts.connect, where);
    case CURLE_URL_MALFORMAT:
      return {Errc::invalid,
              where + " is not an address that can be reached" + said(failure) + ": check the URI"};
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_SSL_CIPHER:
      return {Errc::invalid, "no way to reach " + where + said(failure) + ": check the address" +
                                 (failure.proxy.empty() ? "" : " and the variable " + failure.proxy)};
    default:
      return transient("no connection to " + where + said(failure) + "; try again", false);
  }
}

}  // namespace

Error to_error(Failure const& failure, Request const& request) {
  std::string const origin = request.origin.to_string();
  std::string const where =
      failure.proxy.empty() ? origin : origin + " through the proxy of " + failure.proxy;
  switch (failure.kind) {
    case Kind::connecting:
      return not_connected(failure, request, where);
    case Kind::total:
      if (!failure.begun) return no_connection_within(request.timeouts.total, where);
      return no_answer(where, "it took longer than " + milliseconds(request.timeouts.total), true);
    case Kind::idle:
      return no_answer(where, "not a byte for " + milliseconds(request.timeouts.idle), failure.begun);
    case Kind::closed:
      return transient(where + " closed the connection without an answer; try again", failure.begun);
    case Kind::partial:
      return transient("the answer of " + where + " ended too early; try again", failure.begun);
    case Kind::broken:
      return transient("the connection to " + where + " broke" + said(failure) + "; try again",
                       failure.begun);
    case Kind::senseless:
      return transient("the answer of " + where + " makes no sense" + said(failure) +
                           ": check that an HTTP service stands there",
                       failure.begun);
    case Kind::too_large:
      break;
  }
  Error error(Errc::too_large, "the answer of " + where + " is larger than " +
                                   std::to_string(request.max_response) + " bytes; ask for less at a time");
  error.maybe_applied = failure.begun;
  return error;
}

}  // namespace http::curl
