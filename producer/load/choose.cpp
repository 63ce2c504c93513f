#include "producer/load/choose.hpp"

#include "producer/load/profile_text.hpp"
#include "producer/load/replay.hpp"
#include "producer/load/text_file.hpp"

namespace producer {

using base::Result;

Result<std::shared_ptr<Arrivals const>> choose_arrivals(std::string const& text) {
  using Arrived = std::shared_ptr<Arrivals const>;
  constexpr std::string_view replay = "replay=";
  if (text.starts_with(replay)) {
    auto const lines = read_text_file(text.substr(replay.size()));
    if (!lines) return lines.error();
    auto arrivals = parse_replay(*lines);
    if (!arrivals) return arrivals.error();
    return Arrived(std::move(*arrivals));
  }
  std::string profile = text;
  if (text.starts_with('@')) {
    auto lines = read_text_file(text.substr(1));
    if (!lines) return lines.error();
    profile = *lines;
  }
  auto const arrivals = parse_profile(profile);
  if (!arrivals) return arrivals.error();
  return Arrived(std::make_shared<Profile>(*arrivals));
}

}  // namespace producer
