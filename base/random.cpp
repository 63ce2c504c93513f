#include "base/random.hpp"

#include <array>
#include <bit>
#include <cstddef>

namespace base {

std::uint64_t entropy() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

std::uint64_t QuickRandom::next() {
  auto& [a, b, c, d] = state_;
  auto const made = std::rotl(b * 5, 7) * 9;
  auto const shifted = b << 17;
  c ^= a;
  d ^= b;
  b ^= c;
  a ^= d;
  c ^= shifted;
  d = std::rotl(d, 45);
  return made;
}

std::string uuid(Random& random) {
  static constexpr char digits[] = "0123456789abcdef";
  std::array<std::uint64_t, 2> bits{random.next(), random.next()};
  bits[0] = (bits[0] & ~0xF000ULL) | 0x4000ULL;
  bits[1] = (bits[1] & ~(3ULL << 62)) | (2ULL << 62);
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) text += '-';
    text += digits[(bits[i / 16] >> (60 - 4 * (i % 16))) & 0xF];
  }
  return text;
}

}  // namespace base
