#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/tracing/span.hpp"

// OTLP in its JSON form, opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding", and trace.proto. Pure
// functions.
namespace app::tracing {

// The body of one POST to /v1/traces.
std::string encode_export(std::span<Span const> spans,
                          std::vector<std::pair<std::string, std::string>> const& resource);

// How many spans the collector says it left out, and why: ExportTraceServiceResponse.partial_success.
struct Refusal {
  std::uint64_t spans = 0;
  std::string reason;  // fit for a line of a log
};
Refusal decode_answer(std::string_view body);

}  // namespace app::tracing
