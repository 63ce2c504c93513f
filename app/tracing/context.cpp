#include "app/tracing/context.hpp"

#include <algorithm>

namespace app::tracing {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

template <std::size_t Size>
void append_hex(std::string& out, std::array<std::uint8_t, Size> const& bytes) {
  for (auto const byte : bytes) {
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
}

// Lower case only, as the standard wants it.
template <std::size_t Size>
bool read_hex(std::string_view text, std::array<std::uint8_t, Size>& bytes) {
  for (std::size_t i = 0; i < Size; ++i) {
    auto const high = digits.find(text[2 * i]);
    auto const low = digits.find(text[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    bytes[i] = static_cast<std::uint8_t>(high << 4U | low);
  }
  return true;
}

template <std::size_t Size>
bool is_zero(std::array<std::uint8_t, Size> const& bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](auto byte) { return byte == 0; });
}

template <std::size_t Size>
std::array<std::uint8_t, Size> drawn(base::Random& random) {
  std::array<std::uint8_t, Size> bytes{};
  do {
    for (std::size_t i = 0; i < Size; i += 8) {
      auto const chance = random.next();
      for (std::size_t k = 0; k < 8; ++k) bytes[i + k] = static_cast<std::uint8_t>(chance >> 8 * k);
    }
  } while (is_zero(bytes));
  return bytes;
}

}  // namespace

std::string to_string(Context const& context) {
  std::string text;
  text.reserve(traceparent_size);
  text += "00-";
  append_hex(text, context.trace);
  text += '-';
  append_hex(text, context.span);
  text += context.sampled ? "-01" : "-00";
  return text;
}

std::optional<Context> parse_traceparent(std::string_view text) {
  if (text.size() < traceparent_size || text[2] != '-' || text[35] != '-' || text[52] != '-')
    return std::nullopt;
  std::array<std::uint8_t, 1> version{};
  std::array<std::uint8_t, 1> flags{};
  Context context;
  if (!read_hex(text, version) || !read_hex(text.substr(3), context.trace) ||
      !read_hex(text.substr(36), context.span) || !read_hex(text.substr(53), flags))
    return std::nullopt;
  if (version[0] == 0xFF || is_zero(context.trace) || is_zero(context.span)) return std::nullopt;
  bool const whole = text.size() == traceparent_size || (version[0] > 0 && text[traceparent_size] == '-');
  if (!whole) return std::nullopt;
  context.sampled = (flags[0] & 1U) != 0;
  return context;
}

bool is_sampled(std::string_view traceparent) {
  auto const context = parse_traceparent(traceparent);
  return context && context->sampled;
}

std::string trace_hex(TraceId const& id) {
  std::string text;
  append_hex(text, id);
  return text;
}

std::string span_hex(SpanId const& id) {
  std::string text;
  append_hex(text, id);
  return text;
}

TraceId new_trace_id(base::Random& random) { return drawn<16>(random); }
SpanId new_span_id(base::Random& random) { return drawn<8>(random); }

}  // namespace app::tracing
