#include "producer/load/choose.hpp"

#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include "producer/load/profile_text.hpp"
#include "producer/load/replay.hpp"

namespace producer {

using base::Errc;
using base::Error;
using base::Result;

namespace {

Result<std::string> read_file(std::string const& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file || text.bad())
    return Error(Errc::invalid,
                 "names a file that can't be read: " + path + ": " + std::generic_category().message(errno));
  return std::move(text).str();
}

}  // namespace

Result<std::shared_ptr<Arrivals const>> choose_arrivals(std::string const& text) {
  using Arrived = std::shared_ptr<Arrivals const>;
  constexpr std::string_view replay = "replay=";
  if (text.starts_with(replay)) {
    auto const lines = read_file(text.substr(replay.size()));
    if (!lines) return lines.error();
    auto arrivals = parse_replay(*lines);
    if (!arrivals) return arrivals.error();
    return Arrived(std::move(*arrivals));
  }
  std::string profile = text;
  if (text.starts_with('@')) {
    auto lines = read_file(text.substr(1));
    if (!lines) return lines.error();
    profile = *lines;
  }
  auto const arrivals = parse_profile(profile);
  if (!arrivals) return arrivals.error();
  return Arrived(std::make_shared<Profile>(*arrivals));
}

}  // namespace producer
