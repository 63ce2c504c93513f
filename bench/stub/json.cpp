#include "stub/json.hpp"

#include <cstring>

namespace stub::json {

namespace {

void skip_space(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n' || text.front() == '\r' ||
                           text.front() == '\t' || text.front() == ','))
    text.remove_prefix(1);
}

// The length of the string at the front, quotes included; 0 where it does not end.
std::size_t string_size(std::string_view text) {
  std::size_t at = 1;
  while (at < text.size()) {
    auto const quote = text.find('"', at);
    if (quote == std::string_view::npos) return 0;
    std::size_t slashes = 0;
    while (quote - slashes > 1 && text[quote - slashes - 1] == '\\') ++slashes;
    if (slashes % 2 == 0) return quote + 1;
    at = quote + 1;
  }
  return 0;
}

// Of an object or an array at the front.
std::size_t nested_size(std::string_view text) {
  std::size_t depth = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    char const c = text[at];
    if (c == '"') {
      auto const size = string_size(text.substr(at));
      if (size == 0) return 0;
      at += size;
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    ++at;
    if ((c == '}' || c == ']') && --depth == 0) return at;
  }
  return 0;
}

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

unsigned hex4(std::string_view text) {
  unsigned value = 0;
  for (char const c : text.substr(0, 4)) {
    unsigned const digit =
        c >= '0' && c <= '9' ? static_cast<unsigned>(c - '0') : static_cast<unsigned>((c | 32) - 'a' + 10);
    value = value * 16 + (digit & 15U);
  }
  return value;
}

}  // namespace

std::string_view take_value(std::string_view& text) {
  skip_space(text);
  if (text.empty()) return {};
  std::size_t size = 0;
  if (text.front() == '"')
    size = string_size(text);
  else if (text.front() == '{' || text.front() == '[')
    size = nested_size(text);
  else
    size = std::min(text.find_first_of(",]} \r\n\t"), text.size());
  auto const value = text.substr(0, size);
  text.remove_prefix(size == 0 ? text.size() : size);
  return value;
}

Members::Members(std::string_view object)
    : rest_(object.starts_with('{') ? object.substr(1) : std::string_view()) {}

bool Members::next(std::string_view& name, std::string_view& value) {
  skip_space(rest_);
  if (rest_.empty() || rest_.front() != '"') return false;
  auto const key = take_value(rest_);
  auto const colon = rest_.find(':');
  if (key.size() < 2 || colon == std::string_view::npos) return false;
  rest_.remove_prefix(colon + 1);
  name = text(key);
  value = take_value(rest_);
  return true;
}

std::string_view member(std::string_view object, std::string_view name) {
  std::string_view key;
  std::string_view value;
  for (Members members(object); members.next(key, value);)
    if (key == name) return value;
  return {};
}

std::string_view first_member(std::string_view object, std::string_view& name) {
  std::string_view value;
  return Members(object).next(name, value) ? value : std::string_view();
}

std::string_view text(std::string_view value) {
  return value.size() >= 2 && value.front() == '"' ? value.substr(1, value.size() - 2) : std::string_view();
}

std::string unescaped(std::string_view escaped) {
  std::string out;
  out.reserve(escaped.size());
  while (!escaped.empty()) {
    auto const slash = escaped.find('\\');
    out.append(escaped.substr(0, slash));
    if (slash == std::string_view::npos || slash + 1 >= escaped.size()) return out;
    char const c = escaped[slash + 1];
    escaped.remove_prefix(slash + 2);
    if (c != 'u') {
      constexpr std::string_view names = "bfnrt";
      constexpr std::string_view values = "\b\f\n\r\t";
      auto const at = names.find(c);
      out += at == std::string_view::npos ? c : values[at];
      continue;
    }
    auto code = hex4(escaped);
    escaped.remove_prefix(std::min<std::size_t>(4, escaped.size()));
    if (code >= 0xD800 && code < 0xDC00 && escaped.starts_with("\\u")) {
      code = 0x10000 + ((code - 0xD800) << 10) + (hex4(escaped.substr(2)) - 0xDC00);
      escaped.remove_prefix(std::min<std::size_t>(6, escaped.size()));
    }
    append_utf8(out, code);
  }
  return out;
}

Items::Items(std::string_view array) : rest_(array.starts_with('[') ? array.substr(1) : std::string_view()) {}

bool Items::next(std::string_view& item) {
  skip_space(rest_);
  if (rest_.empty() || rest_.front() == ']') return false;
  item = take_value(rest_);
  return !item.empty();
}

}  // namespace stub::json
