#include "storage/aws/endpoint.hpp"

#include <algorithm>
#include <vector>

#include "base/encoding.hpp"

namespace storage::aws {

namespace {

bool alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool only(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(),
                     [others](char c) { return alphanumeric(c) || others.find(c) != others.npos; });
}

std::string in_quotes(std::string_view text) { return '"' + std::string(text) + '"'; }

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    auto const end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string host_of(Uri const& uri) {
  auto host = base::lower(uri.authority);
  if (auto const colon = host.rfind(':'); colon != host.npos && host.find(']', colon) == host.npos)
    host.resize(colon);
  return host;
}

bool is_web(Uri const& uri) { return uri.scheme == "https" || uri.scheme == "http"; }

bool amazon(std::string_view host) {
  return host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn") ||
         host.ends_with(".api.aws");
}

bool azure(std::string_view host) {
  auto const labels = split(host, '.');
  return labels.size() > 2 && (labels[1] == "queue" || labels[1] == "table") &&
         (labels[2] == "core" || labels[2].starts_with("storage"));
}

// "/123456789012/NAME"
bool looks_like_queue_path(std::string_view path) {
  auto const parts = split(path, '/');
  return parts.size() == 3 && parts[0].empty() && parts[1].size() == 12 && base::parse_u64(parts[1]) &&
         !parts[2].empty();
}

bool is_region(std::string_view text) {
  return text.size() <= 32 && text.find('-') != text.npos && !text.starts_with('-') && !text.ends_with('-') &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

// The region that a queue URL's host names: sqs.REGION.…, also behind a VPC endpoint's name, and the forms
// from before: REGION.queue.amazonaws.com and queue.amazonaws.com. Empty where it names none.
std::string region_of_host(std::string_view host) {
  auto const labels = split(host, '.');
  for (std::size_t i = 0; i + 1 < labels.size(); ++i)
    if ((labels[i] == "sqs" || labels[i] == "sqs-fips") && is_region(labels[i + 1]))
      return std::string(labels[i + 1]);
  if (host.ends_with("queue.amazonaws.com")) return labels.size() == 3 ? "us-east-1" : std::string(labels[0]);
  return {};
}

Result<std::string> region_from(base::Environment const& environment, Uri const& uri) {
  for (auto const* variable : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    auto const value = environment.get(variable);
    if (!value) continue;
    if (is_region(*value)) return *value;
    return Error(Errc::invalid, std::string(variable) + " is " + in_quotes(*value) +
                                    ", which is no region: write one such as eu-west-1");
  }
  return Error(Errc::invalid, in_quotes(uri.text) +
                                  " needs a region: set AWS_REGION (or AWS_DEFAULT_REGION), or write "
                                  "aws://REGION/NAME");
}

Result<> check_queue_name(std::string_view name) {
  auto stem = name;
  if (stem.ends_with(".fifo")) stem.remove_suffix(5);
  if (!stem.empty() && name.size() <= 80 && only(stem, "-_")) return {};
  return Error(Errc::invalid, in_quotes(name) +
                                  " cannot name an SQS queue: use 1 to 80 letters, digits, hyphens and "
                                  "underscores, with .fifo at the end for a FIFO queue");
}

Result<> check_table_name(std::string_view name) {
  if (name.size() >= 3 && name.size() <= 255 && only(name, "-_.")) return {};
  return Error(Errc::invalid, in_quotes(name) +
                                  " cannot name a DynamoDB table: use 3 to 255 letters, digits, hyphens, "
                                  "underscores and points");
}

// The region and name of aws:NAME and aws://REGION/NAME.
Result<Endpoint> of_scheme(Uri const& uri, base::Environment const& environment) {
  Endpoint endpoint;
  std::string_view name = uri.path;
  if (uri.has_authority) {
    endpoint.region = uri.authority;
    if (!is_region(endpoint.region))
      return Error(Errc::invalid, in_quotes(uri.text) +
                                      " names no region: write aws://REGION/NAME, such as "
                                      "aws://eu-west-1/messages");
    name.remove_prefix(1);
  } else {
    auto const region = region_from(environment, uri);
    if (!region) return region.error();
    endpoint.region = *region;
  }
  endpoint.name = name;
  return endpoint;
}

// The override from the environment, or the service's own endpoint in the region.
Result<> locate(Endpoint& endpoint, base::Environment const& environment, std::string_view service) {
  auto const own = service == "sqs" ? "AWS_ENDPOINT_URL_SQS" : "AWS_ENDPOINT_URL_DYNAMODB";
  for (auto const* variable : {own, "AWS_ENDPOINT_URL"}) {
    auto const text = environment.get(variable);
    if (!text) continue;
    auto const url = http::parse_url(*text);
    if (!url) return Error(Errc::invalid, std::string(variable) + ": " + url.error().message);
    if (!url->query.empty())
      return Error(Errc::invalid, std::string(variable) + ": an endpoint must not carry a query (?…)");
    endpoint.origin = url->origin;
    endpoint.target = url->path.empty() ? "/" : url->path;
    return {};
  }
  if (!endpoint.origin.host.empty()) return {};  // the queue URL's own host
  endpoint.origin.host = std::string(service) + '.' + endpoint.region + ".amazonaws.com" +
                         (endpoint.region.starts_with("cn-") ? ".cn" : "");
  return {};
}

Result<> no_fragment(Uri const& uri) {
  if (uri.fragment.empty()) return {};
  return Error(Errc::invalid, in_quotes(uri.text) + " must not carry a #fragment");
}

}  // namespace

bool claims(Uri const& uri) {
  if (uri.scheme == "aws") return true;
  if (!is_web(uri)) return false;
  auto const host = host_of(uri);
  return amazon(host) || (!azure(host) && looks_like_queue_path(uri.path));
}

Result<Endpoint> queue_endpoint(Uri const& uri, base::Environment const& environment) {
  if (auto const fine = no_fragment(uri); !fine) return fine.error();
  Endpoint endpoint;
  if (uri.scheme == "aws") {
    auto made = of_scheme(uri, environment);
    if (!made) return made.error();
    endpoint = std::move(*made);
  } else {
    auto const host = host_of(uri);
    if (!looks_like_queue_path(uri.path) || host.starts_with("dynamodb."))
      return Error(Errc::invalid, in_quotes(uri.text) +
                                      " is no SQS queue URL: write https://sqs.REGION.amazonaws.com/ID/NAME "
                                      "with the account's 12 digits as ID, aws://REGION/NAME or aws:NAME");
    auto const url = http::parse_url(uri.text);
    if (!url) return Error(Errc::invalid, in_quotes(uri.text) + ": " + url.error().message);
    if (amazon(host) && !url->origin.secure())
      return Error(Errc::invalid, in_quotes(uri.text) + " would send messages unencrypted: write https://");
    endpoint.origin = url->origin;
    endpoint.queue_url = uri.text;
    endpoint.name = uri.path.substr(uri.path.rfind('/') + 1);
    endpoint.region = region_of_host(host);
    if (endpoint.region.empty()) {
      auto const region = region_from(environment, uri);
      if (!region) return region.error();
      endpoint.region = *region;
    }
  }
  if (auto const fine = check_queue_name(endpoint.name); !fine) return fine.error();
  if (endpoint.queue_url.empty()) endpoint.origin.host.clear();
  if (auto const found = locate(endpoint, environment, "sqs"); !found) return found.error();
  return endpoint;
}

Result<Endpoint> table_endpoint(Uri const& uri, base::Environment const& environment) {
  if (auto const fine = no_fragment(uri); !fine) return fine.error();
  if (uri.scheme != "aws") {
    if (looks_like_queue_path(uri.path))
      return Error(Errc::invalid, in_quotes(uri.text) +
                                      " is the URL of an SQS queue, not of a table: write a DynamoDB table "
                                      "as aws://REGION/NAME or aws:NAME");
    return Error(Errc::invalid,
                 in_quotes(uri.text) + " is no DynamoDB table: write aws://REGION/NAME or aws:NAME");
  }
  auto endpoint = of_scheme(uri, environment);
  if (!endpoint) return endpoint.error();
  if (auto const fine = check_table_name(endpoint->name); !fine) return fine.error();
  endpoint->origin.host.clear();
  if (auto const found = locate(*endpoint, environment, "dynamodb"); !found) return found.error();
  return endpoint;
}

}  // namespace storage::aws
