#include "auth/aws/token_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/encoding.hpp"

namespace auth::aws {

base::Result<base::Secret> read_token(std::string const& path, std::string const& named_by) {
  constexpr std::size_t limit = 65'536;
  auto const refuse = [&](std::string const& why) {
    return base::Error(base::Errc::denied, named_by + " names " + path + ", which " + why);
  };
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(limit + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad())
    return refuse(std::string("can't be read (") + (errno ? std::strerror(errno) : "no such file") +
                  "): is the service account token projected into this pod?");
  text.resize(static_cast<std::size_t>(file.gcount()));
  base::Secret const read(std::move(text));
  base::Secret token((std::string(base::trim(read.reveal()))));
  if (read.reveal().size() > limit) return refuse("is over 64 KiB and so no token");
  if (token.empty()) return refuse("is empty: is the service account token projected into this pod?");
  auto const& content = token.reveal();
  if (!std::all_of(content.begin(), content.end(), [](char c) { return c > 0x20 && c < 0x7F; }))
    return refuse("holds a space, a line break or another character that no token has");
  return token;
}

}  // namespace auth::aws
