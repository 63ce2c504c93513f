#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/tally.hpp"

namespace app {

enum class Kind { counter, gauge, histogram };

// One metric: its name, its kind and a sentence about it.
struct Family {
  std::string_view name;
  Kind kind;
  std::string_view help;
};

using Labels = std::vector<std::pair<std::string_view, std::string>>;

// The answer to one scrape. What several loops tell under the same labels is added up.
class Sheet {
 public:
  // Every one of `families` is told, also one without samples.
  explicit Sheet(std::span<Family const> families);

  // `name` is one of the families. A label without a value is left out.
  void add(std::string_view name, Labels const& labels, double value);
  void add(std::string_view name, Labels const& labels, base::Timings const& timings);

  // Prometheus' text format 0.0.4.
  // https://prometheus.io/docs/instrumenting/exposition_formats/
  std::string text() const;
  // The sum over all samples of a counter or gauge; for other pages than /metrics.
  double total(std::string_view name) const;

 private:
  struct Buckets {
    std::vector<double> bounds;
    std::vector<std::uint64_t> counts;
    double sum = 0;
  };
  struct Entry {
    Family family;
    std::map<std::string, double> values;  // by labels as they are written
    std::map<std::string, Buckets> buckets;
  };
  Entry& entry(std::string_view name);
  std::vector<Entry> entries_;
};

}  // namespace app
