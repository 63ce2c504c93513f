#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "consumer/settings.hpp"
#include "simulation/chance.hpp"
#include "simulation/network.hpp"

namespace simulation {

// Something that is done to a process, or to all tokens, at a moment.
struct Blow {
  enum class Kind { kill, drain, freeze, jump_clock, revoke_tokens };
  Kind kind = Kind::kill;
  Nanos when{0};
  std::size_t victim = 0;  // which consumer, or a producer where it is past them
  Nanos how_long{0};       // frozen, away, or jumped
};

// One schedule: everything that follows from the seed before anything runs.
struct Plan {
  enum class Cloud { azure, aws };
  enum class Identity { key, token };

  std::uint64_t seed = 0;
  Cloud queue_cloud = Cloud::azure;
  Cloud table_cloud = Cloud::azure;
  bool fifo = false;
  bool sample_table = false;
  Identity azure_identity = Identity::key;
  Identity aws_identity = Identity::key;
  bool container = false;  // where AWS tokens come from
  Nanos token_life{0};

  std::vector<std::uint64_t> runs;  // messages of each producer
  bool rough = false;  // long trouble, long work: few schedules, for what needs many things at once
  double rate = 0;     // messages a second of each; 0: as fast as possible
  std::uint64_t send_concurrency = 8;
  std::uint64_t size = 0;
  std::uint64_t foreign = 0, unreadable = 0, refused = 0;

  std::size_t consumers = 2;
  consumer::Settings settings;
  std::vector<Nanos> consumers_start;
  std::uint64_t first_crash_step = 100;

  Weather weather;
  double duplicates = 0;
  std::vector<Blow> blows;

  std::string queue_uri() const;
  std::string table_uri() const;
  std::string describe() const;
};

Plan make_plan(std::uint64_t seed);

}  // namespace simulation
