#include "auth/aws/sigv4.hpp"

#include <algorithm>
#include <map>

#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "base/time.hpp"

namespace auth::aws {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

// Ends trimmed and inner runs of white space made one space.
std::string folded(std::string_view value) {
  std::string out;
  for (char c : base::trim(value)) {
    if (c == '\t') c = ' ';
    if (c != ' ' || out.empty() || out.back() != ' ') out += c;
  }
  return out;
}

bool is_signed(std::string_view lower_name) {
  return lower_name == "host" || lower_name == "content-type" || lower_name.starts_with("x-amz-");
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
  std::multimap<std::string, std::string> sorted;  // those of one name stay in their order
  for (auto& header : headers) sorted.emplace(base::lower(header.name), std::move(header.value));
  auto const question = std::min(target.find('?'), target.size());

  Canonical out;
  out.text.append(method).append("\n");
  out.text.append(canonical_path(target.substr(0, question))).append("\n");
  if (question < target.size()) out.text.append(canonical_query(target.substr(question + 1)));
  out.text += '\n';
  std::string const* before = nullptr;
  for (auto const& [name, value] : sorted) {
    if (before && *before == name) {
      out.text.back() = ',';
    } else {
      if (!out.signed_headers.empty()) out.signed_headers += ';';
      out.signed_headers += name;
      out.text.append(name).append(":");
    }
    before = &name;
    out.text.append(folded(value)).append("\n");
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
  std::string out(algorithm);
  out.append("\n").append(time).append("\n").append(scope).append("\n").append(
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
  std::string out(algorithm);
  out.append(" Credential=").append(access_key_id).append("/").append(scope);
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
  auto const* token = sent.headers.find("X-Amz-Security-Token");
  if (token == nullptr) return false;
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
  for (auto const& header : request.headers)
    if (is_signed(base::lower(header.name))) headers.push_back(header);
  if (request.headers.find("Host") == nullptr) headers.push_back({"host", request.origin.authority()});

  auto const canonical =
      canonical_request(request.method, request.target, std::move(headers), base::sha256_hex(request.body));
  auto const where = scope(date, region_, service_);
  request.headers.set("Authorization", authorization(credentials->access_key_id, where,
                                                     canonical.signed_headers, key_for(*credentials, date),
                                                     string_to_sign(time, where, canonical.text)));
  co_return base::Result<>();
}

}  // namespace auth::aws
