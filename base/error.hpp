#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace base {

// What the caller does next, rather than what went wrong.
enum class Errc {
  transient,  // try again later: the network, a 5xx, a reply that makes no sense
  throttled,  // try again, slower
  denied,     // the credential was refused or lacks a permission
  absent,     // the queue, table, message or row is not there
  conflict,   // somebody else holds it: a lost lease, a name in use
  invalid,    // the request can never succeed as it is
  too_large,  // as invalid: the body or row exceeds a limit of the service
  cancelled,  // we asked for it
};

std::string_view to_string(Errc code);

// One failure, said once: `message` is a sentence for a person and holds no secret.
struct Error {
  Errc code = Errc::transient;
  int http_status = 0;       // 0: no HTTP reply was involved
  std::string service_code;  // e.g. "QueueNotFound", empty when unknown
  std::string request_id;
  std::string message;
  std::optional<std::chrono::milliseconds> retry_after;  // the service's own hint
  bool maybe_applied = false;                            // the service may have acted on the request

  Error() = default;
  Error(Errc code_, std::string message_) : code(code_), message(std::move(message_)) {}
};

// "message (HTTP 403, AuthenticationFailed, request id …)", with only the parts that are known.
std::string describe(Error const& error);

template <class T = void>
using Result = boost::system::result<T, Error>;

// Found by argument-dependent look-up when Result::value() is called on an error.
[[noreturn]] void throw_exception_from_error(Error const& error, boost::source_location const& where);

}  // namespace base
