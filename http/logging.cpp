#include "http/logging.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "base/encoding.hpp"

namespace http {

namespace {

constexpr std::string_view hidden = "***";

template <std::size_t Count>
bool contains_any(std::string_view text, std::array<std::string_view, Count> const& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [text](std::string_view part) { return text.find(part) != std::string_view::npos; });
}

template <std::size_t Count>
bool is_any(std::string_view text, std::array<std::string_view, Count> const& names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

constexpr std::array<std::string_view, 10> secret_parts{
    "authorization", "token",      "secret",    "signature", "cookie",
    "password",      "credential", "assertion", "receipt",   "passphrase"};

bool is_secret_header(std::string_view name) {
  // They hold a position or a number, and debugging wants them.
  static constexpr std::array<std::string_view, 4> harmless{
      "x-ms-continuation-nextpartitionkey", "x-ms-continuation-nextrowkey",
      "x-aws-ec2-metadata-token-ttl-seconds", "x-ms-encryption-key-sha256"};
  std::string const lower = base::lower(name);
  if (is_any(lower, harmless)) return false;
  return contains_any(lower, secret_parts) || lower.find("key") != std::string::npos;
}

bool is_secret_parameter(std::string_view name) {
  static constexpr std::array<std::string_view, 10> exact{
      "sig", "code", "key", "apikey", "api_key", "api-key", "accountkey", "jwt", "pwd", "x-identity-header"};
  auto const decoded = base::percent_decode(name);
  std::string const lower = base::lower(decoded ? *decoded : std::string(name));
  return is_any(lower, exact) || contains_any(lower, secret_parts);
}

std::string line_of(Request const& request, std::string const& outcome, std::chrono::nanoseconds taken) {
  auto const ms = std::chrono::duration_cast<std::chrono::milliseconds>(taken).count();
  return (request.operation.empty() ? "request" : request.operation) + ' ' + request.method + ' ' +
         request.origin.to_string() + ": " + outcome + " in " + std::to_string(ms) + " ms";
}

void write_headers(base::Log& log, std::string const& title, Headers const& headers) {
  std::string text = title;
  for (auto const& [name, value] : headers) {
    text += "\n  ";
    text += name;
    text += ": ";
    text += redact_header(name, value);
  }
  log.write(base::Level::trace, text);
}

}  // namespace

std::string redact_target(std::string_view target) {
  auto const question = target.find('?');
  if (question == std::string_view::npos) return std::string(target);
  std::string shown(target.substr(0, question + 1));
  std::string_view query = target.substr(question + 1);
  while (!query.empty()) {
    auto const end = std::min(query.find('&'), query.size());
    auto const parameter = query.substr(0, end);
    auto const equals = parameter.find('=');
    if (equals != std::string_view::npos && is_secret_parameter(parameter.substr(0, equals))) {
      shown += parameter.substr(0, equals + 1);
      shown += hidden;
    } else {
      shown += parameter;
    }
    if (end < query.size()) shown += '&';
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return shown;
}

std::string_view redact_header(std::string_view name, std::string_view value) {
  if (is_secret_header(name)) return hidden;
  // A place to go to may carry a signature in its query.
  if (base::iequals(name, "Location") || base::iequals(name, "Referer") ||
      base::iequals(name, "x-ms-copy-source"))
    return value.substr(0, value.find('?'));
  return value;
}

Logging::Logging(Client& inner, base::Clock& clock, base::Log& log)
    : inner_(inner), clock_(clock), log_(log) {}

Task<Response> Logging::send(Request& request) {
  return log_.wants(base::Level::debug) ? logged(request) : inner_.send(request);
}

Task<Response> Logging::logged(Request& request) {
  bool const trace = log_.wants(base::Level::trace);
  if (trace)
    write_headers(log_, "> " + request.method + ' ' + redact_target(request.target), request.headers);
  auto const begun = clock_.steady();
  auto result = co_await inner_.send(request);
  auto const taken = clock_.steady() - begun;
  log_.write(base::Level::debug,
             line_of(request, result ? std::to_string(result->status) : describe(result.error()), taken));
  if (trace && result) write_headers(log_, "< " + std::to_string(result->status), result->headers);
  co_return result;
}

}  // namespace http
