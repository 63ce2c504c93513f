#include "base/encoding.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace base {

namespace {

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr auto base64_values = [] {
  std::array<signed char, 256> table{};
  for (auto& value : table) value = -1;
  for (std::size_t i = 0; i < base64_alphabet.size(); ++i)
    table[static_cast<unsigned char>(base64_alphabet[i])] = static_cast<signed char>(i);
  return table;
}();

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_unreserved(unsigned char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

char lower_char(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Takes one code point off the front of `text`; nothing where it is not UTF-8 (RFC 3629: shortest form, no
// surrogates).
std::optional<char32_t> next_code_point(std::string_view& text) {
  auto const byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char const first = byte(0);
  std::size_t length = 1;
  char32_t code = first;
  if (first >= 0x80) {
    if (first < 0xC2 || first > 0xF4) return std::nullopt;
    length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (text.size() < length) return std::nullopt;
    code = first & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
      if ((byte(i) & 0xC0U) != 0x80U) return std::nullopt;
      code = (code << 6) | (byte(i) & 0x3FU);
    }
    if ((length == 3 && code < 0x800) || (length == 4 && (code < 0x10000 || code > 0x10FFFF)) ||
        (code >= 0xD800 && code <= 0xDFFF))
      return std::nullopt;
  }
  text.remove_prefix(length);
  return code;
}

constexpr std::uint64_t each_byte(unsigned char byte) { return 0x0101010101010101U * byte; }

// How many bytes at the front are ASCII, and of those with `printable` none below a space: text is mostly
// that, and eight at a time costs a tenth of one by one.
template <bool printable>
std::size_t plain_run(std::string_view text) {
  std::size_t run = 0;
  for (; text.size() - run >= 8; run += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + run, 8);
    std::uint64_t const below = printable ? (word - each_byte(0x20)) & ~word : 0;
    if (((word | below) & each_byte(0x80)) != 0) break;
  }
  for (; run < text.size(); ++run) {
    auto const byte = static_cast<unsigned char>(text[run]);
    if (byte >= 0x80 || (printable && byte < 0x20)) break;
  }
  return run;
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    auto const at = [&](std::size_t k) -> unsigned {
      return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U;
    };
    unsigned const bits = (at(0) << 16) | (at(1) << 8) | at(2);
    text += base64_alphabet[bits >> 18];
    text += base64_alphabet[(bits >> 12) & 63U];
    text += i + 1 < bytes.size() ? base64_alphabet[(bits >> 6) & 63U] : '=';
    text += i + 2 < bytes.size() ? base64_alphabet[bits & 63U] : '=';
  }
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    bool const last = i + 4 == text.size();
    std::size_t const padding = last && text[i + 3] == '=' ? (text[i + 2] == '=' ? 2U : 1U) : 0U;
    unsigned bits = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      int const value = k >= 4 - padding ? 0 : base64_values[static_cast<unsigned char>(text[i + k])];
      if (value < 0) return std::nullopt;
      bits = (bits << 6) | static_cast<unsigned>(value);
    }
    // Bits that the padding cuts off must be zero, or two texts would mean the same bytes.
    if ((padding == 1 && (bits & 0xFFU) != 0) || (padding == 2 && (bits & 0xFFFFU) != 0)) return std::nullopt;
    bytes += static_cast<char>(bits >> 16);
    if (padding < 2) bytes += static_cast<char>((bits >> 8) & 0xFFU);
    if (padding < 1) bytes += static_cast<char>(bits & 0xFFU);
  }
  return bytes;
}

std::string hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (char const c : bytes) {
    auto const byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4];
    text += digits[byte & 15U];
  }
  return text;
}

std::string percent_encode(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size() + text.size() / 4);
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (is_unreserved(byte)) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += digits[byte >> 4];
      encoded += digits[byte & 15U];
    }
  }
  return encoded;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    int const high = hex_value(text[i + 1]);
    int const low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

bool is_utf8(std::string_view text) {
  for (text.remove_prefix(plain_run<false>(text)); !text.empty();) {
    bool const wide = static_cast<unsigned char>(text.front()) >= 0x80;
    if (!next_code_point(text)) return false;
    if (wide) text.remove_prefix(plain_run<false>(text));
  }
  return true;
}

std::size_t utf16_length(std::string_view utf8) {
  std::size_t units = plain_run<false>(utf8);
  utf8.remove_prefix(units);
  for (char const c : utf8) {
    auto const byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) != 0x80U) units += byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

std::size_t ascii_run(std::string_view text) { return plain_run<false>(text); }

bool is_xml10(std::string_view text) {
  for (text.remove_prefix(plain_run<true>(text)); !text.empty();) {
    bool const special = static_cast<unsigned char>(text.front()) - 0x20U >= 0x60U;
    auto const code = next_code_point(text);
    if (!code || (*code < 0x20 && *code != 0x9 && *code != 0xA && *code != 0xD) || *code == 0xFFFE ||
        *code == 0xFFFF)
      return false;
    if (special) text.remove_prefix(plain_run<true>(text));
  }
  return true;
}

bool iequals(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower_char(a[i]) != lower_char(b[i])) return false;
  return true;
}

int icompare(std::string_view a, std::string_view b) {
  auto const common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    auto const one = static_cast<unsigned char>(lower_char(a[i]));
    auto const other = static_cast<unsigned char>(lower_char(b[i]));
    if (one != other) return one < other ? -1 : 1;
  }
  return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}

std::string lower(std::string_view text) {
  std::string lowered;
  append_lower(lowered, text);
  return lowered;
}

void append_lower(std::string& out, std::string_view text) {
  auto const before = out.size();
  out.append(text);
  for (auto at = before; at < out.size(); ++at) out[at] = lower_char(out[at]);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> parse_u64(std::string_view text) {
  std::uint64_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace base
