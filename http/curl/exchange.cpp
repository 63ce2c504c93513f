#include "http/curl/exchange.hpp"

#include <algorithm>

namespace http::curl {

namespace {

// RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7F; });
}

}  // namespace

std::optional<Error> refuse(Request const& request) {
  if (!is_token(request.method)) return Error(Errc::invalid, "a request's method must be one word");
  if (request.origin.host.empty()) return Error(Errc::invalid, "a request must name the host it goes to");
  bool const spaced = request.target.find_first_of(" \t#") != std::string::npos;
  if (!request.target.starts_with('/') || spaced || has_control(request.target))
    return Error(Errc::invalid, "the path of a request to " + request.origin.to_string() +
                                    " must begin with / and be percent-encoded");
  for (auto const& [name, value] : request.headers)
    if (!is_token(name) || has_control(value))
      return Error(Errc::invalid, "a header of a request to " + request.origin.to_string() +
                                      " holds characters that no header may hold");
  return std::nullopt;
}

}  // namespace http::curl
