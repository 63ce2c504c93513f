#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace simulation {

// Everything that happened, in order, as one number: two runs of a seed are the same where it is. Printed as
// it grows where a stream is given.
class History {
 public:
  explicit History(std::ostream* out) : out_(out) {}

  bool traced() const { return out_ != nullptr; }
  // `what` is a word for the event, `who` its process or -1, `detail` any bytes that tell it from others.
  void add(std::chrono::nanoseconds when, std::string_view what, int who, std::string_view detail);
  // Only into the trace.
  void tell(std::chrono::nanoseconds when, std::string_view what, int who, std::string_view detail);
  std::uint64_t hash() const { return hash_; }
  std::uint64_t events() const { return events_; }

 private:
  void mix(std::uint64_t value) {
    hash_ = (hash_ ^ value) * 0x9FB21C651E98DF25ULL;
    hash_ ^= hash_ >> 29U;
  }
  void mix(std::string_view bytes);

  std::ostream* out_;
  std::uint64_t hash_ = 0xCBF29CE484222325ULL;
  std::uint64_t events_ = 0;
};

}  // namespace simulation
