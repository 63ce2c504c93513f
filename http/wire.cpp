#include "http/wire.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/encoding.hpp"

namespace http {

using base::Errc;
using base::Error;

namespace {

constexpr std::array<bool, 256> token_characters() {
  std::array<bool, 256> table{};
  for (int c = 0; c < 256; ++c)
    table[static_cast<std::size_t>(c)] =
        (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  for (char const c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr auto in_tokens = token_characters();

// Methods that always say how long their body is, even an empty one (RFC 9110 section 8.6).
bool expects_body(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH" || method == "MERGE";
}

// What frames the message, and would ask the service for leave to send it, is not for the sender to say.
bool is_ours(std::string_view name) {
  switch (name.size()) {
    case 6:
      return base::iequals(name, "Expect");
    case 14:
      return base::iequals(name, "Content-Length");
    case 17:
      return base::iequals(name, "Transfer-Encoding");
    default:
      return false;
  }
}

void append_number(std::string& out, std::size_t number) {
  std::array<char, 20> digits{};
  auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void append_authority(std::string& out, Origin const& origin) {
  out.append(origin.host);
  if (origin.port == (origin.secure() ? 443 : 80)) return;
  out.push_back(':');
  append_number(out, origin.port);
}

}  // namespace

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return in_tokens[c]; });
}

bool has_control(std::string_view text) {
  // No branch on each byte: the compiler looks at many at once.
  unsigned found = 0;
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    found |= (unsigned{byte < 0x20} & unsigned{byte != '\t'}) | unsigned{byte == 0x7F};
  }
  return found != 0;
}

std::optional<Error> refuse(Request const& request) {
  if (!is_token(request.method)) return Error(Errc::invalid, "a request's method must be one word");
  auto const& host = request.origin.host;
  if (host.empty()) return Error(Errc::invalid, "a request must name the host it goes to");
  if (has_control(host) || host.find_first_of(" \t/?#@") != std::string::npos)
    return Error(Errc::invalid, "the host of a request holds characters that no host may hold");
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

void append_head(std::string& out, Request const& request, Envelope const& envelope) {
  out.append(request.method).push_back(' ');
  if (envelope.whole_url) {
    out.append(request.origin.scheme).append("://");
    append_authority(out, request.origin);
  }
  out.append(request.target).append(" HTTP/1.1\r\n");
  bool named = false;
  bool introduced = envelope.user_agent.empty();
  bool accepting = false;
  for (auto const& [name, value] : request.headers) {
    if (is_ours(name)) continue;
    named = named || base::iequals(name, "Host");
    introduced = introduced || base::iequals(name, "User-Agent");
    accepting = accepting || base::iequals(name, "Accept");
    append_field(out, name, value);
  }
  if (!named) {
    out.append("Host: ");
    append_authority(out, request.origin);
    out.append("\r\n");
  }
  if (!introduced) append_field(out, "User-Agent", envelope.user_agent);
  if (!accepting) out.append("Accept: */*\r\n");
  if (!envelope.proxy_authorization.empty())
    append_field(out, "Proxy-Authorization", envelope.proxy_authorization);
  if (!request.body.empty() || expects_body(request.method)) {
    out.append("Content-Length: ");
    append_number(out, request.body.size());
    out.append("\r\n");
  }
  out.append("\r\n");
}

}  // namespace http
