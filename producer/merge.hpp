#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/histogram.hpp"
#include "base/error.hpp"
#include "producer/compare.hpp"

namespace producer {

// What several producers of one run did together.
struct Merged {
  std::string run;
  std::string queue;
  std::uint64_t instances = 1;
  std::vector<std::uint64_t> merged;  // which of them, in order; empty where the run had no instances
  std::uint64_t sent = 0;
  std::uint64_t failed = 0;
  std::uint64_t unknown = 0;
  double seconds = 0;  // of the longest
  app::Histogram latency;
  app::Histogram service;
  // Where the run had a schedule: sums of what each was asked for, reached, left out and held back.
  bool paced = false;
  double asked_rate = 0;
  double reached_rate = 0;
  std::uint64_t not_sent = 0;
  std::uint64_t held_back = 0;

  double rate() const { return seconds > 0 ? static_cast<double>(sent) / seconds : 0; }
  std::string text() const;
  nlohmann::ordered_json json() const;  // of the form of a summary
};

// Adds summaries of `producer send` up; quantiles come from the sum of their histograms. invalid: a sentence
// that names the file that is no such summary, of another run or queue, or of an instance that another is of
// too.
base::Result<Merged> merge(std::vector<Summary> const& summaries);

}  // namespace producer
