#include "storage/azure/json_text.hpp"

namespace storage::azure {

void append_json(std::string& out, std::string_view utf8) {
  static constexpr char digits[] = "0123456789abcdef";
  out += '"';
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    auto const byte = static_cast<unsigned char>(utf8[i]);
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += utf8[i];
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += digits[byte >> 4];
      out += digits[byte & 15U];
    } else if (byte == 0xE2 && (utf8.substr(i, 3) == "\u2028" || utf8.substr(i, 3) == "\u2029")) {
      out += utf8[i + 2] == '\xA8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      out += utf8[i];
    }
  }
  out += '"';
}

}  // namespace storage::azure
