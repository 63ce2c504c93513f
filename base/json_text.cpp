#include "base/json_text.hpp"

#include "base/json_run.hpp"

namespace base {

namespace {

// What stands behind the backslash; 0 where it is u00XX.
char short_escape(char c, JsonEscapes escapes) {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case '\b':
      return escapes == JsonEscapes::all ? 'b' : '\0';
    case '\f':
      return escapes == JsonEscapes::all ? 'f' : '\0';
    default:
      return '\0';
  }
}

}  // namespace

void append_json(std::string& out, std::string_view utf8, JsonEscapes escapes) {
  out += '"';
  char const* at = utf8.data();
  char const* const end = at + utf8.size();
  while (true) {
    // A run that needs no escape goes as a whole.
    auto const* const stop = json_run(at, end);
    out.append(at, static_cast<std::size_t>(stop - at));
    if (stop == end) break;
    at = stop + 1;
    char const escape = short_escape(*stop, escapes);
    if (escape != '\0') {
      char const text[] = {'\\', escape};
      out.append(text, 2);
      continue;
    }
    static constexpr char digits[] = "0123456789abcdef";
    auto const code = static_cast<unsigned char>(*stop);
    out += "\\u00";
    out += digits[code >> 4U];
    out += digits[code & 15U];
  }
  out += '"';
}

}  // namespace base
