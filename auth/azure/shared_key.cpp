#include "auth/azure/shared_key.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "base/time.hpp"

namespace auth::azure {

namespace {

std::string header(http::Headers const& headers, std::string_view name) {
  auto const* found = headers.find(name);
  return found ? *found : std::string();
}

// A folded field becomes one line.
std::string unfolded(std::string_view value) {
  std::string text;
  bool breaking = false;
  for (char const c : base::trim(value)) {
    if (c == '\r' || c == '\n' || (breaking && (c == ' ' || c == '\t'))) {
      breaking = true;
      continue;
    }
    if (breaking) text += ' ';
    breaking = false;
    text += c;
  }
  return text;
}

std::string decoded(std::string_view text) {
  auto plain = base::percent_decode(text);
  return plain ? std::move(*plain) : std::string(text);
}

// Names in lower case to their values, both decoded and in order.
std::map<std::string, std::vector<std::string>> parameters(std::string_view query) {
  std::map<std::string, std::vector<std::string>> found;
  while (!query.empty()) {
    auto const end = std::min(query.find('&'), query.size());
    auto const pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    auto const equals = std::min(pair.find('='), pair.size());
    if (pair.empty()) continue;
    found[base::lower(decoded(pair.substr(0, equals)))].push_back(
        decoded(pair.substr(std::min(equals + 1, pair.size()))));
  }
  for (auto& [name, values] : found) std::sort(values.begin(), values.end());
  return found;
}

std::string joined(std::vector<std::string> const& values) {
  std::string text;
  for (auto const& value : values) text += (text.empty() ? "" : ",") + value;
  return text;
}

}  // namespace

std::string canonicalized_headers(http::Headers const& headers) {
  std::map<std::string, std::vector<std::string>> found;
  for (auto const& field : headers) {
    auto name = base::lower(field.name);
    if (name.starts_with("x-ms-")) found[std::move(name)].push_back(unfolded(field.value));
  }
  std::string text;
  for (auto const& [name, values] : found) text += name + ':' + joined(values) + '\n';
  return text;
}

std::string canonicalized_resource(Service service, std::string_view account, std::string_view target) {
  auto const question = std::min(target.find('?'), target.size());
  std::string text = '/' + std::string(account) + std::string(target.substr(0, question));
  auto const query = parameters(target.substr(std::min(question + 1, target.size())));
  if (service == Service::table) {
    auto const comp = query.find("comp");
    if (comp != query.end()) text += "?comp=" + joined(comp->second);
    return text;
  }
  for (auto const& [name, values] : query) text += '\n' + name + ':' + joined(values);
  return text;
}

std::string string_to_sign(Service service, std::string_view account, http::Request const& request) {
  auto const& headers = request.headers;
  auto const resource = canonicalized_resource(service, account, request.target);
  auto const md5 = header(headers, "content-md5") + '\n';
  auto const type = header(headers, "content-type") + '\n';
  if (service == Service::table) {
    auto date = header(headers, "x-ms-date");
    if (date.empty()) date = header(headers, "date");
    return request.method + '\n' + md5 + type + date + '\n' + resource;
  }
  // The date stands empty where x-ms-date says it.
  auto const date = headers.find("x-ms-date") ? std::string() : header(headers, "date");
  auto const length = request.body.empty() ? std::string() : std::to_string(request.body.size());
  std::string text = request.method + '\n';
  text += header(headers, "content-encoding") + '\n';
  text += header(headers, "content-language") + '\n';
  text += length + '\n' + md5 + type + date + '\n';
  for (auto const* name : {"if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range"})
    text += header(headers, name) + '\n';
  return text + canonicalized_headers(headers) + resource;
}

std::string authorization(std::string_view account, base::Secret const& key, std::string_view to_sign) {
  return "SharedKey " + std::string(account) + ':' +
         base::base64_encode(base::hmac_sha256(key.reveal(), to_sign));
}

SharedKey::SharedKey(std::string account, base::Secret key, Service service, base::Clock& clock)
    : account_(std::move(account)), key_(std::move(key)), service_(service), clock_(clock) {}

Task<> SharedKey::sign(http::Request& request) {
  request.headers.set("x-ms-date", base::http_date(clock_.system() + correction_));
  if (!request.headers.find("x-ms-version")) request.headers.set("x-ms-version", std::string(api_version));
  auto const to_sign = string_to_sign(service_, account_, request);
  request.headers.set("Authorization", authorization(account_, key_, to_sign));
  co_return base::Result<>();
}

bool SharedKey::renew(http::Request const& sent, http::Response const& refusal) {
  constexpr auto tolerated = std::chrono::minutes(5);
  auto const* told = refusal.headers.find("Date");
  auto const* signed_with = sent.headers.find("x-ms-date");
  if (!told || !signed_with) return false;
  auto const theirs = base::parse_http_date(*told);
  auto const ours = base::parse_http_date(*signed_with);
  if (!theirs || !ours || std::chrono::abs(*theirs - *ours) <= tolerated) return false;
  correction_ = *theirs - clock_.system();
  return true;
}

}  // namespace auth::azure
