#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.hpp"

namespace app::tracing {

using TraceId = std::array<std::uint8_t, 16>;
using SpanId = std::array<std::uint8_t, 8>;

// What travels with a message so that its trace goes on elsewhere.
struct Context {
  TraceId trace{};
  SpanId span{};
  bool sampled = false;
  friend bool operator==(Context const&, Context const&) = default;
};

constexpr std::size_t traceparent_size = 55;
using TraceparentText = std::array<char, traceparent_size>;

// The header's value, version 00: www.w3.org/TR/trace-context, section 3.2.
TraceparentText to_text(Context const& context);
std::string to_string(Context const& context);
// Nothing for what the page calls invalid. A later version is read as version 00, as the page asks.
std::optional<Context> parse_traceparent(std::string_view text);

// Whether a valid value says that its trace is kept.
bool is_sampled(std::string_view traceparent);

std::string trace_hex(TraceId const& id);
std::string span_hex(SpanId const& id);

// Never all zero, which would mean none.
TraceId new_trace_id(base::Random& random);
SpanId new_span_id(base::Random& random);

}  // namespace app::tracing
