#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "app/tracing/context.hpp"
#include "base/clock.hpp"

namespace app::tracing {

// As OTLP numbers them (trace.proto, Span.SpanKind).
enum class Kind { internal = 1, server = 2, client = 3, producer = 4, consumer = 5 };

using Attribute = std::pair<std::string, std::variant<std::string, std::int64_t>>;
using Attributes = std::vector<Attribute>;

// A piece of work that has ended.
struct Span {
  Context context;
  std::optional<SpanId> parent;
  std::string name;
  Kind kind = Kind::internal;
  base::System begun;
  base::System ended;
  Attributes attributes;
  std::vector<Context> links;
  std::string error;  // why it failed, a sentence without secrets; empty: it did not
};

}  // namespace app::tracing
