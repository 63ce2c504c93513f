#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace base {

// Of the eight bytes at `at`, how many stand for themselves before the first that does not; 8: all. With
// `ascii`, one of a longer character does not either.
template <bool ascii = false>
int json_run_of_eight(char const* at) {
  static_assert(std::endian::native == std::endian::little, "the lowest byte of a word is the first one");
  constexpr std::uint64_t ones = 0x0101010101010101U;
  std::uint64_t word = 0;
  std::memcpy(&word, at, 8);
  auto const quotes = word ^ (ones * '"');
  auto const slashes = word ^ (ones * '\\');
  // A byte's top bit: it is below a space or one of the two, or it borrowed from such a one before it.
  auto const found = ((word - ones * 0x20U) & ~word) | ((quotes - ones) & ~quotes) |
                     ((slashes - ones) & ~slashes) | (ascii ? word : 0);
  return std::countr_zero(found & (ones * 0x80U)) / 8;
}

// Where the first byte stands that a JSON string (RFC 8259, section 7) can't hold as it is: a control, a
// quote or a backslash, or with `ascii` what is no ASCII; else `end`. By eights, since text is mostly free of
// them.
template <bool ascii = false>
char const* json_run(char const* at, char const* end) {
  if (end - at < 8) {
    while (at != end && static_cast<unsigned char>(*at) >= 0x20 && *at != '"' && *at != '\\' &&
           !(ascii && static_cast<unsigned char>(*at) >= 0x80))
      ++at;
    return at;
  }
  for (; end - at >= 8; at += 8)
    if (int const run = json_run_of_eight<ascii>(at); run < 8) return at + run;
  // The last eight again, of which the first are known.
  return end - 8 + json_run_of_eight<ascii>(end - 8);
}

}  // namespace base
