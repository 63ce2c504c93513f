#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/tracing/context.hpp"
#include "base/environment.hpp"
#include "base/secret.hpp"
#include "http/origin.hpp"

namespace app::tracing {

// Which traces are kept: opentelemetry.io/docs/specs/otel/trace/sdk, "Sampling".
struct Sampler {
  bool parent_based = true;  // what the message's producer decided is kept to
  double ratio = 0.01;       // of the traces that begin here, and of all where not parent-based

  // Decides by the trace's id, so that all who ask by the same ratio agree.
  bool keeps(TraceId const& trace) const;
};

// Where spans go and how, as the standard variables say (opentelemetry.io/docs/specs/otel/protocol/exporter).
struct Settings {
  http::Url endpoint;
  std::vector<std::pair<std::string, base::Secret>> headers;
  std::vector<std::pair<std::string, std::string>> resource;  // service.name among them
  Sampler sampler;
  std::chrono::milliseconds timeout{10'000};  // of one export
  std::chrono::milliseconds delay{5'000};     // the longest that a span waits for others
  std::size_t queue = 2048;                   // spans that wait at most; more are dropped, and counted
  std::size_t batch = 512;                    // in one export
};

struct Read {
  std::optional<Settings> settings;   // nothing: no tracing
  std::vector<std::string> warnings;  // a value that can't be used is told, and never stops a message
};

// Tracing is on where OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT is set, and neither
// OTEL_SDK_DISABLED=true nor OTEL_TRACES_EXPORTER=none.
Read read_settings(base::Environment const& environment, std::string const& program);

}  // namespace app::tracing
