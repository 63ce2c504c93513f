#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "consumer/processor.hpp"

namespace consumer {

// What `consumer run` was asked for.
struct Settings {
  std::uint64_t concurrency = 64;
  std::chrono::seconds lease{60};
  Process process;
  std::uint64_t workers = 1;                              // processes of --process exec
  std::chrono::microseconds process_timeout{30'000'000};  // of one message at a worker
  std::vector<std::string> process_env;  // variables that workers see although they look private
  std::uint64_t max_receives = 5;
  std::chrono::microseconds retry_delay{1'000'000};
  std::optional<std::uint64_t> count;
  bool drain = false;
  std::chrono::microseconds grace{25'000'000};
  std::string dead_letter;  // URI
  std::string name;         // of this consumer, as rows show it
};

}  // namespace consumer
