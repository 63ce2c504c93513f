#include "storage/azure/json_text.hpp"

#include <cstddef>

#include "base/json_run.hpp"

namespace storage::azure {

namespace {

constexpr char digits[] = "0123456789abcdef";

void append_unit(std::string& out, unsigned unit) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[(unit >> shift) & 15U];
}

}  // namespace

void append_json(std::string& out, std::string_view utf8) {
  out += '"';
  for (std::size_t i = 0; i < utf8.size();) {
    // A run that needs no escape goes as a whole.
    auto const* const begin = utf8.data() + i;
    auto const* const end = base::json_run<true>(begin, utf8.data() + utf8.size());
    out.append(begin, end);
    i += static_cast<std::size_t>(end - begin);
    if (i == utf8.size()) break;
    unsigned code = static_cast<unsigned char>(utf8[i]);
    std::size_t const length = code < 0x80 ? 1 : code < 0xE0 ? 2 : code < 0xF0 ? 3 : 4;
    if (length == 1) {
      if (code == '"' || code == '\\') out += '\\';
      if (code < 0x20)
        append_unit(out, code);
      else
        out += utf8[i];
      ++i;
      continue;
    }
    if (i + length > utf8.size()) break;  // not UTF-8, which the caller has ruled out
    code &= 0x7FU >> length;
    for (std::size_t k = 1; k < length; ++k)
      code = (code << 6) | (static_cast<unsigned char>(utf8[i + k]) & 0x3FU);
    if (code >= 0x10000) {
      append_unit(out, 0xD800U + ((code - 0x10000) >> 10));
      append_unit(out, 0xDC00U + ((code - 0x10000) & 0x3FFU));
    } else {
      append_unit(out, code);
    }
    i += length;
  }
  out += '"';
}

}  // namespace storage::azure
