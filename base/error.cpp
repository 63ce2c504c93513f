#include "base/error.hpp"

#include <stdexcept>

namespace base {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::transient:
      return "transient";
    case Errc::throttled:
      return "throttled";
    case Errc::denied:
      return "denied";
    case Errc::absent:
      return "absent";
    case Errc::conflict:
      return "conflict";
    case Errc::invalid:
      return "invalid";
    case Errc::too_large:
      return "too_large";
    case Errc::cancelled:
      return "cancelled";
  }
  return "unknown";
}

std::string describe(Error const& error) {
  std::string detail;
  auto const add = [&detail](std::string const& part) { detail += (detail.empty() ? " (" : ", ") + part; };
  if (error.http_status != 0) add("HTTP " + std::to_string(error.http_status));
  if (!error.service_code.empty()) add(error.service_code);
  if (!error.request_id.empty()) add("request id " + error.request_id);
  if (!detail.empty()) detail += ')';
  return error.message + detail;
}

void throw_exception_from_error(Error const& error, boost::source_location const&) {
  throw std::runtime_error(describe(error));
}

}  // namespace base
