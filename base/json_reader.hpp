#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace base {

// Reads JSON (RFC 8259) in place, in order, without a document, for hot paths. It is strict and reads only
// what is common: whatever is malformed or out of the ordinary (\u escapes, exponents, long numbers, deep
// nesting, keys with escapes) ends it with false, and the caller turns to a whole parser for the verdict.
// What it accepts, that parser accepts too, and with the same values; of two members with one name the last
// one is to count. The text must be UTF-8.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  // Calls member(key) for each member, which takes its value by one of these functions and returns what that
  // said.
  template <class Member>
  bool object(Member member) {
    if (!take('{')) return false;
    if (take('}')) return true;
    do {
      std::string_view key;
      if (!plain_string(key) || !take(':') || !member(key)) return false;
    } while (take(','));
    return take('}');
  }
  // Calls item() for each item.
  template <class Item>
  bool array(Item item) {
    if (!take('[')) return false;
    if (take(']')) return true;
    do
      if (!item()) return false;
    while (take(','));
    return take(']');
  }
  bool string(std::string& out);
  bool number(std::uint64_t& out);  // without sign or fraction, up to 15 digits
  bool skip(int depth = 0);         // a value of any kind
  bool at_end();                    // nothing but white space is left

 private:
  void space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  bool take(char c) {
    space();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  char const* string_run() const;
  char const* closing_quote() const;
  bool plain_string(std::string_view& out);
  bool skip_number();
  bool word(std::string_view text);

  char const* at_;
  char const* end_;
};

}  // namespace base
