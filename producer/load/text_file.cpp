#include "producer/load/text_file.hpp"

#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>

namespace producer {

using base::Errc;
using base::Error;

base::Result<std::string> read_text_file(std::string const& path) {
  constexpr std::size_t most = std::size_t{256} << 20;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  std::array<char, 65536> piece{};
  errno = file ? 0 : errno;
  while (file && text.size() <= most) {
    file.read(piece.data(), piece.size());
    text.append(piece.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (!file.eof() && text.size() <= most)
    return Error(Errc::invalid,
                 "names a file that can't be read: " + path + ": " + std::generic_category().message(errno));
  if (text.size() > most)
    return Error(Errc::invalid, "names a file of more than 256 MiB, which is kept in memory: " + path);
  return text;
}

}  // namespace producer
