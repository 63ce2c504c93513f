#include "producer/load/filler.hpp"

#include <algorithm>

#include "base/random.hpp"

namespace producer {

Filler::Filler(double ratio) : text_(std::size_t{1} << 16, 'x') {
  static constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  // Of each stretch, so much by chance that with its 6 bits a character, and about 3 bytes that say how long
  // the rest is, it comes to the ratio.
  constexpr std::size_t stretch = 256;
  double const chance = (static_cast<double>(stretch) / ratio - 3) * 4 / 3;
  auto const random_part =
      ratio <= least_ratio ? stretch : static_cast<std::size_t>(std::clamp(chance, 1.0, 255.0));
  base::SeededRandom random(20261122);
  for (std::size_t i = 0; i < text_.size(); ++i)
    if (i % stretch < random_part) text_[i] = letters[random.below(64)];
}

void Filler::append(std::string& out, std::uint64_t seq, std::size_t size) const {
  std::size_t at = static_cast<std::size_t>(seq * 7919) % text_.size();
  while (size > 0) {
    std::size_t const part = std::min(size, text_.size() - at);
    out.append(text_, at, part);
    size -= part;
    at = 0;
  }
}

}  // namespace producer
