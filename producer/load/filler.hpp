#pragma once

#include <cstdint>
#include <string>

namespace producer {

// Characters to fill bodies with, 64 KiB that repeat: letters and digits by chance, and the same letter in
// between where it is to be compressible.
class Filler {
 public:
  // How many times shorter gzip makes it, from least_ratio (nothing but chance: base64 holds 6 bits a
  // character) to most_ratio.
  explicit Filler(double ratio);
  static constexpr double least_ratio = 4.0 / 3;
  static constexpr double most_ratio = 20;

  // Another place in it for each message.
  void append(std::string& out, std::uint64_t seq, std::size_t size) const;

 private:
  std::string text_;
};

}  // namespace producer
