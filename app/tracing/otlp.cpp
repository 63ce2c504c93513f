#include "app/tracing/otlp.hpp"

#include <nlohmann/json.hpp>

#include "app/version.hpp"
#include "base/encoding.hpp"
#include "base/json_run.hpp"
#include "base/one_line.hpp"

namespace app::tracing {

namespace {

// Spans are written by hand: a document for each would cost more than all else that tracing does.
void append_text(std::string& out, std::string_view text) {
  char const* const begin = text.data();
  char const* const end = begin + text.size();
  if (base::json_run(begin, end) == end && base::is_utf8(text)) {
    out.append("\"").append(text).append("\"");
    return;
  }
  out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// 64-bit numbers are decimal text in the JSON form of protobuf.
void append_number(std::string& out, std::int64_t number) {
  out.append("\"").append(std::to_string(number)).append("\"");
}

void append_moment(std::string& out, base::System when) {
  append_number(out, std::chrono::duration_cast<std::chrono::nanoseconds>(when.time_since_epoch()).count());
}

// Calls `append` for each, with commas between them.
template <class Items, class Append>
void append_list(std::string& out, Items const& items, Append append) {
  out += '[';
  bool first = true;
  for (auto const& item : items) {
    if (!first) out += ',';
    first = false;
    append(item);
  }
  out += ']';
}

void append_key(std::string& out, std::string_view key) {
  out += R"({"key":)";
  append_text(out, key);
  out += R"(,"value":{)";
}

void append_attributes(std::string& out, Attributes const& attributes) {
  append_list(out, attributes, [&out](Attribute const& attribute) {
    append_key(out, attribute.first);
    if (auto const* number = std::get_if<std::int64_t>(&attribute.second)) {
      out += R"("intValue":)";
      append_number(out, *number);
    } else {
      out += R"("stringValue":)";
      append_text(out, std::get<std::string>(attribute.second));
    }
    out += "}}";
  });
}

void append_context(std::string& out, Context const& context) {
  out.append(R"("traceId":")").append(trace_hex(context.trace));
  // Flag 1: sampled, else it would not be here.
  out.append(R"(","spanId":")").append(span_hex(context.span)).append(R"(","flags":1)");
}

void append_span(std::string& out, Span const& span) {
  out += '{';
  append_context(out, span.context);
  if (span.parent) out.append(R"(,"parentSpanId":")").append(span_hex(*span.parent)).append("\"");
  out += R"(,"name":)";
  append_text(out, span.name);
  out.append(R"(,"kind":)").append(std::to_string(static_cast<int>(span.kind)));
  out += R"(,"startTimeUnixNano":)";
  append_moment(out, span.begun);
  out += R"(,"endTimeUnixNano":)";
  append_moment(out, span.ended);
  out += R"(,"attributes":)";
  append_attributes(out, span.attributes);
  if (!span.links.empty()) {
    out += R"(,"links":)";
    append_list(out, span.links, [&out](Context const& link) {
      out += '{';
      append_context(out, link);
      out += '}';
    });
  }
  if (!span.error.empty()) {
    out += R"(,"status":{"code":2,"message":)";  // STATUS_CODE_ERROR
    append_text(out, span.error);
    out += '}';
  }
  out += '}';
}

}  // namespace

std::string encode_export(std::span<Span const> spans,
                          std::vector<std::pair<std::string, std::string>> const& resource) {
  std::string out;
  out.reserve(512 + spans.size() * 768);
  out += R"({"resourceSpans":[{"resource":{"attributes":)";
  append_attributes(out, Attributes(resource.begin(), resource.end()));
  out += R"(},"scopeSpans":[{"scope":{"name":"edw","version":)";
  append_text(out, version());
  out += R"(},"spans":)";
  append_list(out, spans, [&out](Span const& span) { append_span(out, span); });
  return out + "}]}]}";
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
