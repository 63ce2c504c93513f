#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace producer {

// A set of sequence numbers in any order: a bit for each, in pieces of 8 KiB made when first needed, so ten
// million take 1.3 MB and a number far off takes one piece.
class SeqBits {
 public:
  // Whether it was not there yet.
  bool insert(std::uint64_t seq) {
    auto& piece = pieces_[seq / bits];
    if (piece.empty()) piece.resize(bits / 64);
    auto& word = piece[seq % bits / 64];
    auto const bit = std::uint64_t{1} << (seq % 64);
    if ((word & bit) != 0) return false;
    word |= bit;
    return true;
  }
  bool contains(std::uint64_t seq) const {
    auto const piece = pieces_.find(seq / bits);
    return piece != pieces_.end() && (piece->second[seq % bits / 64] >> (seq % 64) & 1U) != 0;
  }
  template <class Visit>
  void each(Visit visit) const {
    for (auto const& [index, piece] : pieces_)
      for (std::uint64_t i = 0; i < bits; ++i)
        if ((piece[i / 64] >> (i % 64) & 1U) != 0) visit(index * bits + i);
  }

 private:
  static constexpr std::uint64_t bits = 65536;
  std::map<std::uint64_t, std::vector<std::uint64_t>> pieces_;
};

}  // namespace producer
