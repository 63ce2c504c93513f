#include "app/tracing/otlp.hpp"

#include <nlohmann/json.hpp>

#include "app/version.hpp"
#include "base/encoding.hpp"
#include "base/one_line.hpp"

namespace app::tracing {

namespace {

using Json = nlohmann::ordered_json;

// 64-bit numbers are decimal text in the JSON form of protobuf.
std::string nanoseconds(base::System when) {
  using std::chrono::duration_cast;
  return std::to_string(duration_cast<std::chrono::nanoseconds>(when.time_since_epoch()).count());
}

Json attribute(std::string const& key, std::variant<std::string, std::int64_t> const& value) {
  Json any;
  if (auto const* number = std::get_if<std::int64_t>(&value))
    any["intValue"] = std::to_string(*number);
  else
    any["stringValue"] = std::get<std::string>(value);
  return {{"key", key}, {"value", any}};
}

Json json_of(Span const& span) {
  constexpr int failed = 2;  // STATUS_CODE_ERROR
  Json json;
  json["traceId"] = trace_hex(span.context.trace);
  json["spanId"] = span_hex(span.context.span);
  if (span.parent) json["parentSpanId"] = span_hex(*span.parent);
  json["flags"] = 1;  // sampled, else it would not be here
  json["name"] = span.name;
  json["kind"] = static_cast<int>(span.kind);
  json["startTimeUnixNano"] = nanoseconds(span.begun);
  json["endTimeUnixNano"] = nanoseconds(span.ended);
  Json attributes = Json::array();
  for (auto const& [key, value] : span.attributes) attributes.push_back(attribute(key, value));
  json["attributes"] = std::move(attributes);
  if (!span.links.empty()) {
    Json links = Json::array();
    for (auto const& link : span.links)
      links.push_back({{"traceId", trace_hex(link.trace)}, {"spanId", span_hex(link.span)}, {"flags", 1}});
    json["links"] = std::move(links);
  }
  if (!span.error.empty()) json["status"] = {{"code", failed}, {"message", span.error}};
  return json;
}

}  // namespace

std::string encode_export(std::span<Span const> spans,
                          std::vector<std::pair<std::string, std::string>> const& resource) {
  Json attributes = Json::array();
  for (auto const& [key, value] : resource) attributes.push_back(attribute(key, value));
  Json all = Json::array();
  for (auto const& span : spans) all.push_back(json_of(span));
  Json scope;
  scope["scope"] = {{"name", "edw"}, {"version", version()}};
  scope["spans"] = std::move(all);
  Json whole;
  whole["resource"] = {{"attributes", std::move(attributes)}};
  whole["scopeSpans"] = Json::array({std::move(scope)});
  Json request;
  request["resourceSpans"] = Json::array({std::move(whole)});
  return request.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Refusal decode_answer(std::string_view body) {
  Refusal refusal;
  auto const json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object()) return refusal;
  auto const partial = json.find("partialSuccess");
  if (partial == json.end() || !partial->is_object()) return refusal;
  if (auto const count = partial->find("rejectedSpans"); count != partial->end()) {
    if (count->is_number_unsigned()) refusal.spans = count->get<std::uint64_t>();
    if (count->is_string()) refusal.spans = base::parse_u64(count->get<std::string>()).value_or(0);
  }
  if (auto const text = partial->find("errorMessage"); text != partial->end() && text->is_string())
    refusal.reason = base::one_line(text->get<std::string>());
  return refusal;
}

}  // namespace app::tracing
