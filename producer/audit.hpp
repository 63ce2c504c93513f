#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/histogram.hpp"
#include "producer/manifest.hpp"
#include "storage/core/table.hpp"

namespace producer {

// What an audit found. See docs/contract.md for what each word means.
struct Findings {
  std::uint64_t expected = 0;
  std::uint64_t found = 0;
  std::uint64_t missing = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t corrupt = 0;
  std::uint64_t unexpected = 0;
  std::uint64_t dead_lettered = 0;
  std::vector<std::uint64_t> missing_seq;  // the first twenty
  app::Histogram end_to_end;
  bool clean() const { return missing + duplicated + corrupt + unexpected == 0; }
};

// Holds the rows of one run against its manifest. Takes rows in any order and in bounded memory: a few bits
// for each sequence number.
class Audit {
 public:
  explicit Audit(Manifest const& manifest);
  void take(storage::Entity const& row);
  Findings finish() const;

 private:
  bool sound(storage::Entity const& row) const;

  Manifest const& manifest_;
  std::vector<bool> found_;               // a row stands under the key of this seq
  std::vector<std::uint64_t> elsewhere_;  // seqs of rows under another key, as often as there are rows
  std::uint64_t corrupt_ = 0;
  std::uint64_t unexpected_ = 0;
  app::Histogram end_to_end_;
};

}  // namespace producer
