#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>

namespace base {

// Where all chance comes from, so that a simulation can replay it. One instance a thread.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;

  // Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  // Uniform in [0, bound); 0 for a bound of 0.
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
};

// Seeded by the caller: the same seed gives the same sequence.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t next() override { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

// A seed from the operating system.
std::uint64_t entropy();

// Seeded by the operating system, small and quick: xoshiro256** (Blackman and Vigna, 2018). Not for secrets.
class QuickRandom final : public Random {
 public:
  QuickRandom() : QuickRandom({entropy(), entropy(), entropy(), entropy()}) {}
  // Not all may be 0.
  explicit QuickRandom(std::array<std::uint64_t, 4> const& state) : state_(state) {}
  std::uint64_t next() override;

 private:
  std::array<std::uint64_t, 4> state_;
};

// A random (version 4) UUID in lower case, RFC 9562 section 5.4.
std::string uuid(Random& random);

}  // namespace base
