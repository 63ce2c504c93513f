#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace producer {

// A summary as a program printed it by --output json.
struct Summary {
  std::string name;  // of its file
  nlohmann::ordered_json values;
};

// invalid: a sentence that names the file, which can't be read, or holds something else than one summary.
base::Result<Summary> load_summary(std::string const& path);

// One figure of two summaries; empty where one of them lacks it.
struct Compared {
  std::string group;  // "latency_ms"; empty for a figure by itself
  std::string name;   // "p99"
  std::optional<double> a;
  std::optional<double> b;
  std::optional<double> percent() const;  // from a to b; empty where a is 0 or one is missing
};

// Every number in either, in the order of the first; lists are left out.
std::vector<Compared> compare(Summary const& a, Summary const& b);

std::string compared_text(Summary const& a, Summary const& b, std::vector<Compared> const& figures);
nlohmann::ordered_json compared_json(Summary const& a, Summary const& b,
                                     std::vector<Compared> const& figures);

}  // namespace producer
