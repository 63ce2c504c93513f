#include "base/json_reader.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/json_run.hpp"

namespace base {

namespace {

constexpr int deepest = 16;
constexpr int most_digits = 15;

// What a character after a backslash stands for; 0 for none of the short escapes.
constexpr auto unescaped = [] {
  std::array<char, 256> table{};
  constexpr std::string_view names = "\"\\/bfnrt";
  constexpr std::string_view values = "\"\\/\b\f\n\r\t";
  for (std::size_t i = 0; i < names.size(); ++i) table[static_cast<unsigned char>(names[i])] = values[i];
  return table;
}();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

// To the first byte that does not stand for itself within a string.
char const* JsonReader::string_run() const { return json_run(at_, end_); }

bool JsonReader::plain_string(std::string_view& out) {
  if (!take('"')) return false;
  auto const* const stop = string_run();
  if (stop == end_ || *stop != '"') return false;
  out = {at_, static_cast<std::size_t>(stop - at_)};
  at_ = stop + 1;
  return true;
}

// The quote that ends the string whose text begins here; null where none does.
char const* JsonReader::closing_quote() const {
  for (auto const* at = at_; at != end_; ++at) {
    at = static_cast<char const*>(std::memchr(at, '"', static_cast<std::size_t>(end_ - at)));
    if (at == nullptr) break;
    auto const* slash = at;
    while (slash != at_ && slash[-1] == '\\') --slash;
    if ((at - slash) % 2 == 0) return at;
  }
  return nullptr;
}

bool JsonReader::string(std::string& out) {
  if (!take('"')) return false;
  if (auto const* const stop = string_run(); stop != end_ && *stop == '"') {
    out.assign(at_, stop);
    at_ = stop + 1;
    return true;
  }
  out.clear();
  auto const* const close = closing_quote();
  if (close == nullptr) return false;
  // Eight bytes are copied at a time, however many of them are meant: a text in a text has an escape every
  // few.
  out.resize(static_cast<std::size_t>(close - at_) + 8);
  char* to = out.data();
  while (at_ != close) {
    if (close - at_ >= 8) {
      std::memcpy(to, at_, 8);
      int const run = json_run_of_eight(at_);
      at_ += run;
      to += run;
      if (run == 8) continue;
    } else if (*at_ != '\\' && static_cast<unsigned char>(*at_) >= 0x20) {
      *to++ = *at_++;
      continue;
    }
    if (*at_ != '\\' || close - at_ < 2) return false;
    char const value = unescaped[static_cast<unsigned char>(at_[1])];
    if (value == '\0') return false;
    *to++ = value;
    at_ += 2;
  }
  at_ = close + 1;
  out.resize(static_cast<std::size_t>(to - out.data()));
  return true;
}

bool JsonReader::number(std::uint64_t& out) {
  space();
  auto const* const begin = at_;
  out = 0;
  for (; at_ != end_ && is_digit(*at_); ++at_) {
    if (at_ - begin == most_digits) return false;
    out = out * 10 + static_cast<std::uint64_t>(*at_ - '0');
  }
  if (at_ == begin || (*begin == '0' && at_ - begin > 1)) return false;
  return at_ == end_ || (*at_ != '.' && *at_ != 'e' && *at_ != 'E');
}

bool JsonReader::skip_number() {
  if (at_ != end_ && *at_ == '-') ++at_;
  auto const* const whole = at_;
  at_ = std::find_if_not(at_, end_, is_digit);
  if (at_ == whole || (*whole == '0' && at_ - whole > 1)) return false;
  if (at_ != end_ && *at_ == '.') {
    auto const* const fraction = ++at_;
    at_ = std::find_if_not(at_, end_, is_digit);
    if (at_ == fraction) return false;
  }
  return at_ - whole <= most_digits && (at_ == end_ || (*at_ != 'e' && *at_ != 'E'));
}

bool JsonReader::word(std::string_view text) {
  if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(text)) return false;
  at_ += text.size();
  return true;
}

bool JsonReader::skip(int depth) {
  space();
  if (at_ == end_ || depth == deepest) return false;
  std::string_view ignored;
  switch (*at_) {
    case '{':
      return object([this, depth](std::string_view) { return skip(depth + 1); });
    case '[':
      return array([this, depth] { return skip(depth + 1); });
    case '"':
      return plain_string(ignored);
    case 't':
      return word("true");
    case 'f':
      return word("false");
    case 'n':
      return word("null");
    default:
      return skip_number();
  }
}

bool JsonReader::at_end() {
  space();
  return at_ == end_;
}

}  // namespace base
