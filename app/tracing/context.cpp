#include "app/tracing/context.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace app::tracing {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

// Every message has its context written and read, so both go by tables.
constexpr auto pairs = [] {
  std::array<std::array<char, 2>, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = {digits[i >> 4U], digits[i & 15U]};
  return table;
}();

constexpr std::uint8_t no_digit = 0x80;
constexpr auto values = [] {
  std::array<std::uint8_t, 256> table{};
  for (auto& value : table) value = no_digit;
  // Lower case only, as the standard wants it.
  for (std::size_t i = 0; i < digits.size(); ++i)
    table[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  return table;
}();

std::uint8_t value_of(char digit) { return values[static_cast<unsigned char>(digit)]; }

template <std::size_t Size>
char* write_hex(char* out, std::array<std::uint8_t, Size> const& bytes) {
  for (auto const byte : bytes) {
    std::memcpy(out, pairs[byte].data(), 2);
    out += 2;
  }
  return out;
}

template <std::size_t Size>
std::string hex(std::array<std::uint8_t, Size> const& bytes) {
  std::string text(2 * Size, '0');
  write_hex(text.data(), bytes);
  return text;
}

template <std::size_t Size>
bool read_hex(char const* text, std::array<std::uint8_t, Size>& bytes) {
  unsigned seen = 0;
  for (std::size_t i = 0; i < Size; ++i) {
    auto const high = value_of(text[2 * i]);
    auto const low = value_of(text[2 * i + 1]);
    seen |= high | low;
    bytes[i] = static_cast<std::uint8_t>(high << 4U | low);
  }
  return (seen & no_digit) == 0;
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
      static_assert(std::endian::native == std::endian::little,
                    "the same numbers give the same ids anywhere");
      std::memcpy(bytes.data() + i, &chance, 8);
    }
  } while (is_zero(bytes));
  return bytes;
}

}  // namespace

TraceparentText to_text(Context const& context) {
  TraceparentText text{'0', '0', '-'};
  char* out = write_hex(text.data() + 3, context.trace);
  *out++ = '-';
  out = write_hex(out, context.span);
  std::string_view const flags = context.sampled ? "-01" : "-00";
  flags.copy(out, flags.size());
  return text;
}

std::string to_string(Context const& context) {
  auto const text = to_text(context);
  return {text.data(), text.size()};
}

std::optional<Context> parse_traceparent(std::string_view text) {
  if (text.size() < traceparent_size || text[2] != '-' || text[35] != '-' || text[52] != '-')
    return std::nullopt;
  std::array<std::uint8_t, 1> version{};
  std::array<std::uint8_t, 1> flags{};
  Context context;
  auto const* const at = text.data();
  if (!read_hex(at, version) || !read_hex(at + 3, context.trace) || !read_hex(at + 36, context.span) ||
      !read_hex(at + 53, flags))
    return std::nullopt;
  if (version[0] == 0xFF || is_zero(context.trace) || is_zero(context.span)) return std::nullopt;
  bool const whole = text.size() == traceparent_size || (version[0] > 0 && text[traceparent_size] == '-');
  if (!whole) return std::nullopt;
  context.sampled = (flags[0] & 1U) != 0;
  return context;
}

bool is_sampled(std::string_view traceparent) {
  // Most say no, and that shows at a glance.
  if (traceparent.size() < traceparent_size || (value_of(traceparent[54]) & 1U) == 0) return false;
  auto const context = parse_traceparent(traceparent);
  return context && context->sampled;
}

std::string trace_hex(TraceId const& id) { return hex(id); }
std::string span_hex(SpanId const& id) { return hex(id); }

TraceId new_trace_id(base::Random& random) { return drawn<16>(random); }
SpanId new_span_id(base::Random& random) { return drawn<8>(random); }

}  // namespace app::tracing
