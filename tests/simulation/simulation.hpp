#pragma once

#include <array>
#include <cstdint>
#include <ostream>
#include <string>

#include "simulation/network.hpp"

namespace simulation {

// What one schedule came to.
struct Outcome {
  std::uint64_t seed = 0;
  std::string violation;  // empty: everything held
  std::uint64_t hash = 0;
  std::uint64_t events = 0;
  std::uint64_t messages = 0;  // that reached the queue
  std::uint64_t rows = 0;
  std::uint64_t consumers = 0;
  std::uint64_t crashes = 0;
  std::uint64_t faults = 0;
  std::array<std::uint64_t, simulation::faults> by_kind{};
  Nanos lasted{0};
  std::string plan;
};

// Runs the schedule of one seed. The same seed gives the same history, byte for byte, which is written to
// `trace` where there is one.
Outcome simulate(std::uint64_t seed, std::ostream* trace = nullptr);

}  // namespace simulation
