#include "auth/aws/sigv4.hpp"

#include <algorithm>

#include "auth/core/order.hpp"
#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "base/time.hpp"

namespace auth::aws {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

// Ends trimmed and inner runs of white space made one space.
void append_folded(std::string& out, std::string_view value) {
  bool blank = false;  // the last one was
  for (char c : base::trim(value)) {
    if (c == '\t') c = ' ';
    if (c != ' ' || !blank) out += c;
    blank = c == ' ';
  }
}

bool is_signed(std::string_view name) {
  return base::iequals(name, "host") || base::iequals(name, "content-type") ||
         (name.size() > 6 && base::iequals(name.substr(0, 6), "x-amz-"));
}

// A parameter's name or value: decoded and encoded again, so that one text remains of all spellings.
std::string recoded(std::string_view text) {
  auto const decoded = base::percent_decode(text);
  return base::percent_encode(decoded ? std::string_view(*decoded) : text);
}

}  // namespace

std::string canonical_path(std::string_view path) {
  std::vector<std::string_view> kept;
  bool const directory = path.ends_with('/');
  while (!path.empty()) {
    auto const slash = std::min(path.find('/'), path.size());
    std::string_view const segment = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
  }
  std::string out;
  for (auto const segment : kept) out += '/' + base::percent_encode(segment);
  if (out.empty() || directory) out += '/';
  return out;
}

std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    auto const end = std::min(query.find('&'), query.size());
    std::string_view const parameter = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (parameter.empty()) continue;
    auto const equals = std::min(parameter.find('='), parameter.size());
    std::string_view const value =
        equals < parameter.size() ? parameter.substr(equals + 1) : std::string_view();
    parameters.emplace_back(recoded(parameter.substr(0, equals)), recoded(value));
  }
  std::sort(parameters.begin(), parameters.end());
  std::string out;
  for (auto const& [name, value] : parameters) {
    if (!out.empty()) out += '&';
    out += name + '=' + value;
  }
  return out;
}

Canonical canonical_request(std::string_view method, std::string_view target,
                            std::vector<http::Header> headers, std::string_view payload_hash) {
  sort_by_name(headers);
  auto const question = std::min(target.find('?'), target.size());

  Canonical out;
  out.text.reserve(512);
  out.signed_headers.reserve(80);
  out.text.append(method).append("\n");
  out.text.append(canonical_path(target.substr(0, question))).append("\n");
  if (question < target.size()) out.text.append(canonical_query(target.substr(question + 1)));
  out.text += '\n';
  for (std::size_t i = 0; i < headers.size(); ++i) {
    auto const& [name, value] = headers[i];
    if (i > 0 && base::iequals(headers[i - 1].name, name)) {
      out.text.back() = ',';
    } else {
      if (!out.signed_headers.empty()) out.signed_headers += ';';
      base::append_lower(out.signed_headers, name);
      base::append_lower(out.text, name);
      out.text += ':';
    }
    append_folded(out.text, value);
    out.text += '\n';
  }
  out.text.append("\n").append(out.signed_headers).append("\n").append(payload_hash);
  return out;
}

std::string scope(std::string_view date, std::string_view region, std::string_view service) {
  std::string out(date);
  out.append("/").append(region).append("/").append(service).append("/aws4_request");
  return out;
}

std::string string_to_sign(std::string_view time, std::string_view scope, std::string_view canonical_text) {
  std::string out;
  out.reserve(192);
  out.append(algorithm).append("\n").append(time).append("\n").append(scope).append("\n").append(
      base::sha256_hex(canonical_text));
  return out;
}

base::Secret signing_key(base::Secret const& secret_access_key, std::string_view date,
                         std::string_view region, std::string_view service) {
  base::Secret const start("AWS4" + secret_access_key.reveal());
  base::Secret const by_date(base::hmac_sha256(start.reveal(), date));
  base::Secret const by_region(base::hmac_sha256(by_date.reveal(), region));
  base::Secret const by_service(base::hmac_sha256(by_region.reveal(), service));
  return base::Secret(base::hmac_sha256(by_service.reveal(), "aws4_request"));
}

std::string authorization(std::string_view access_key_id, std::string_view scope,
                          std::string_view signed_headers, base::Secret const& key,
                          std::string_view text_to_sign) {
  std::string out;
  out.reserve(320);
  out.append(algorithm).append(" Credential=").append(access_key_id).append("/").append(scope);
  out.append(", SignedHeaders=").append(signed_headers);
  out.append(", Signature=").append(base::hex(base::hmac_sha256(key.reveal(), text_to_sign)));
  return out;
}

SigV4::SigV4(Source& source, std::string region, std::string service, base::Clock& clock)
    : source_(source), region_(std::move(region)), service_(std::move(service)), clock_(clock) {}

void SigV4::set_clock(base::System service_now) { skew_ = service_now - clock_.system(); }

base::Secret const& SigV4::key_for(Credentials const& credentials, std::string const& date) {
  if (key_date_ != date || key_secret_ != credentials.secret_access_key) {
    key_ = signing_key(credentials.secret_access_key, date, region_, service_);
    key_date_ = date;
    key_secret_ = credentials.secret_access_key;
  }
  return key_;
}

bool SigV4::renew(http::Request const& sent, http::Response const&) {
  auto const token = sent.headers.find("X-Amz-Security-Token");
  if (!token) return false;
  // Others may have signed since, with what was fetched in between.
  if (used_.session_token.reveal() != *token) return true;
  return source_.refused(used_);
}

Task<> SigV4::sign(http::Request& request) {
  auto const credentials = co_await source_.get();
  if (!credentials) co_return credentials.error();
  if (!(used_ == *credentials)) used_ = *credentials;
  std::string const time = base::iso8601_basic(clock_.system() + skew_);
  std::string const date = time.substr(0, 8);

  request.headers.erase("Authorization");
  request.headers.set("X-Amz-Date", time);
  if (credentials->session_token.empty())
    request.headers.erase("X-Amz-Security-Token");
  else
    request.headers.set("X-Amz-Security-Token", credentials->session_token.reveal());

  std::vector<http::Header> headers;
  headers.reserve(8);
  for (auto const& header : request.headers)
    if (is_signed(header.name)) headers.push_back(header);
  std::string const authority = request.origin.authority();
  if (!request.headers.find("Host")) headers.push_back({"host", authority});

  auto const canonical =
      canonical_request(request.method, request.target, std::move(headers), base::sha256_hex(request.body));
  auto const where = scope(date, region_, service_);
  request.headers.set("Authorization", authorization(credentials->access_key_id, where,
                                                     canonical.signed_headers, key_for(*credentials, date),
                                                     string_to_sign(time, where, canonical.text)));
  co_return base::Result<>();
}

}  // namespace auth::aws
