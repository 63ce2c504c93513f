#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace base {

// Of the eight bytes at `at`, how many stand for themselves before the first that does not; 8: all. With
// `ascii`, one of a longer character does not either.
template <bool ascii = false>
[[gnu::always_inline]] inline int json_run_of_eight(char const* at) {
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

#if defined(__SSE2__)
// The same of sixteen.
template <bool ascii = false>
[[gnu::always_inline]] inline int json_run_of_sixteen(char const* at) {
  auto const bytes = _mm_loadu_si128(reinterpret_cast<__m128i const*>(at));
  auto const controls = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
  auto const quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  auto const slashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  auto found = _mm_or_si128(_mm_or_si128(quotes, slashes), controls);
  if (ascii) found = _mm_or_si128(found, bytes);  // of each byte only the top bit counts
  return std::countr_zero(static_cast<unsigned>(_mm_movemask_epi8(found)) | 0x10000U);
}
#endif

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
#if defined(__SSE2__)
  for (; end - at >= 16; at += 16)
    if (int const run = json_run_of_sixteen<ascii>(at); run < 16) return at + run;
#endif
  for (; end - at >= 8; at += 8)
    if (int const run = json_run_of_eight<ascii>(at); run < 8) return at + run;
  // The last eight again, of which the first are known.
  return end - 8 + json_run_of_eight<ascii>(end - 8);
}

}  // namespace base
