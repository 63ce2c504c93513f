#include "base/one_line.hpp"

#include "base/encoding.hpp"

namespace base {

std::string one_line(std::string_view text, std::size_t most) {
  auto words = trim(text).substr(0, most);
  while (!is_utf8(words)) words.remove_suffix(1);
  std::string line(trim(words));
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return line;
}

}  // namespace base
