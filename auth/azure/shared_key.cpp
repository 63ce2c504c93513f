#include "auth/azure/shared_key.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "auth/core/order.hpp"
#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "base/time.hpp"

namespace auth::azure {

namespace {

std::string_view header(http::Headers const& headers, std::string_view name) {
  return headers.find(name).value_or(std::string_view());
}

// A folded field becomes one line.
void append_unfolded(std::string& text, std::string_view field) {
  auto const value = base::trim(field);
  if (value.find_first_of("\r\n") == std::string_view::npos) {
    text += value;
    return;
  }
  bool breaking = false;
  for (char const c : value) {
    if (c == '\r' || c == '\n' || (breaking && (c == ' ' || c == '\t'))) {
      breaking = true;
      continue;
    }
    if (breaking) text += ' ';
    breaking = false;
    text += c;
  }
}

std::string decoded(std::string_view text) {
  auto plain = base::percent_decode(text);
  return plain ? std::move(*plain) : std::string(text);
}

// Names in lower case to their values, both decoded and in order.
using Parameters = std::vector<std::pair<std::string, std::string>>;
Parameters parameters(std::string_view query) {
  Parameters found;
  found.reserve(4);
  while (!query.empty()) {
    auto const end = std::min(query.find('&'), query.size());
    auto const pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    auto const equals = std::min(pair.find('='), pair.size());
    if (pair.empty()) continue;
    found.emplace_back(base::lower(decoded(pair.substr(0, equals))),
                       decoded(pair.substr(std::min(equals + 1, pair.size()))));
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool is_of_storage(std::string_view name) {
  return name.size() > 5 && base::iequals(name.substr(0, 5), "x-ms-");
}

void append_canonicalized_headers(std::string& text, http::Headers const& headers) {
  std::vector<http::Header> found;
  found.reserve(8);
  for (auto const& field : headers)
    if (is_of_storage(field.name)) found.push_back(field);
  sort_by_name(found);
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i > 0 && base::iequals(found[i].name, found[i - 1].name)) {
      text.back() = ',';
    } else {
      base::append_lower(text, found[i].name);
      text += ':';
    }
    append_unfolded(text, found[i].value);
    text += '\n';
  }
}

void append_canonicalized_resource(std::string& text, Service service, std::string_view account,
                                   std::string_view target) {
  auto const question = std::min(target.find('?'), target.size());
  text += '/';
  text += account;
  text += target.substr(0, question);
  auto const query = parameters(target.substr(std::min(question + 1, target.size())));
  for (std::size_t at = 0; at < query.size();) {
    auto const& name = query[at].first;
    if (service == Service::table && name != "comp") {
      ++at;
      continue;
    }
    text += service == Service::queue ? '\n' : '?';
    text += name;
    text += service == Service::queue ? ':' : '=';
    text += query[at].second;
    while (++at < query.size() && query[at].first == name) (text += ',') += query[at].second;
  }
}

}  // namespace

std::string canonicalized_headers(http::Headers const& headers) {
  std::string text;
  append_canonicalized_headers(text, headers);
  return text;
}

std::string canonicalized_resource(Service service, std::string_view account, std::string_view target) {
  std::string text;
  append_canonicalized_resource(text, service, account, target);
  return text;
}

std::string string_to_sign(Service service, std::string_view account, http::Request const& request) {
  std::string text;
  text.reserve(512);
  auto const line = [&text](std::string_view value) {
    text += value;
    text += '\n';
  };
  auto const field = [&](std::string_view name) { line(header(request.headers, name)); };
  line(request.method);
  if (service == Service::table) {
    field("content-md5");
    field("content-type");
    auto const date = header(request.headers, "x-ms-date");
    line(date.empty() ? header(request.headers, "date") : date);
  } else {
    field("content-encoding");
    field("content-language");
    line(request.body.empty() ? std::string() : std::to_string(request.body.size()));
    field("content-md5");
    field("content-type");
    // The date stands empty where x-ms-date says it.
    line(request.headers.find("x-ms-date") ? std::string_view() : header(request.headers, "date"));
    for (auto const* name :
         {"if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range"})
      field(name);
    append_canonicalized_headers(text, request.headers);
  }
  append_canonicalized_resource(text, service, account, request.target);
  return text;
}

std::string authorization(std::string_view account, base::Secret const& key, std::string_view to_sign) {
  std::string text;
  text.reserve(80 + account.size());
  text.append("SharedKey ").append(account).push_back(':');
  return text += base::base64_encode(base::hmac_sha256(key.reveal(), to_sign));
}

SharedKey::SharedKey(std::string account, base::Secret key, Service service, base::Clock& clock)
    : account_(std::move(account)), key_(std::move(key)), service_(service), clock_(clock) {}

Task<> SharedKey::sign(http::Request& request) {
  request.headers.set("x-ms-date", base::http_date(clock_.system() + correction_));
  if (!request.headers.find("x-ms-version")) request.headers.set("x-ms-version", api_version);
  auto const to_sign = string_to_sign(service_, account_, request);
  request.headers.set("Authorization", authorization(account_, key_, to_sign));
  co_return base::Result<>();
}

bool SharedKey::renew(http::Request const& sent, http::Response const& refusal) {
  constexpr auto tolerated = std::chrono::minutes(5);
  auto const told = refusal.headers.find("Date");
  auto const signed_with = sent.headers.find("x-ms-date");
  if (!told || !signed_with) return false;
  auto const theirs = base::parse_http_date(*told);
  auto const ours = base::parse_http_date(*signed_with);
  if (!theirs || !ours || std::chrono::abs(*theirs - *ours) <= tolerated) return false;
  correction_ = *theirs - clock_.system();
  return true;
}

}  // namespace auth::azure
