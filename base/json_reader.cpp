#include "base/json_reader.hpp"

#include <algorithm>

#include "base/json_run.hpp"

namespace base {

namespace {

constexpr int deepest = 16;
constexpr int most_digits = 15;

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

bool JsonReader::string(std::string& out) {
  out.clear();
  if (!take('"')) return false;
  while (true) {
    auto const* const stop = string_run();
    out.append(at_, stop);
    if (stop == end_) return false;
    at_ = stop + 1;
    if (*stop == '"') return true;
    if (*stop != '\\' || at_ == end_) return false;
    constexpr std::string_view names = "\"\\/bfnrt";
    constexpr std::string_view values = "\"\\/\b\f\n\r\t";
    auto const which = names.find(*at_++);
    if (which == std::string_view::npos) return false;
    out += values[which];
  }
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
