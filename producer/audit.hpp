#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/body.hpp"
#include "app/histogram.hpp"
#include "producer/manifest.hpp"
#include "producer/row_times.hpp"
#include "producer/seq_bits.hpp"
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
  // Of those that were bad on purpose: acknowledged ones, and what became of them. A row is unexpected, and
  // one that is neither row nor dead letter is missing.
  std::uint64_t poison = 0;
  std::uint64_t poison_dead_lettered = 0;
  std::uint64_t poison_persisted = 0;
  std::vector<std::uint64_t> missing_seq;  // the first twenty
  app::Histogram end_to_end;
  bool clean() const { return missing + duplicated + corrupt + unexpected == 0; }
};

// Holds the rows of one run against its manifest, or those of its instances, each of another share of as
// many. Takes rows in any order and in bounded memory: a few bits for each sequence number that was seen,
// whatever stands in the table.
class Audit {
 public:
  explicit Audit(Manifest const& manifest) : Audit(std::span(&manifest, 1)) {}
  // At least one; they must outlive it.
  explicit Audit(std::span<Manifest const> manifests);
  void take(storage::Entity const& row);
  // From now on `times`, which must outlive it, is told of each sound row.
  void note_times(RowTimes& times) { times_ = &times; }
  // A row that tells of a dead letter; one that was moved back since is none.
  void take_letter(storage::Entity const& row);
  void take_letter(app::Body const& body);
  Findings finish() const;
  std::string const& run() const { return run_; }
  std::uint64_t expected() const { return expected_; }
  // Whether some of what was acknowledged is no row: only then dead letters matter.
  bool lacks_rows() const { return right_ < expected_; }

 private:
  bool sound(storage::Entity const& row) const;
  Manifest const* of(std::uint64_t seq) const;
  // Counts what became of an acknowledged one; whether it is missing.
  bool misses(std::uint64_t seq, Findings& findings) const;

  std::span<Manifest const> manifests_;
  std::string const& run_;
  std::vector<Manifest const*> by_remainder_;
  Strides poison_;
  SeqBits poison_rows_;
  std::uint64_t expected_ = 0;
  SeqBits found_;            // a row stands under the key of this seq
  SeqBits elsewhere_;        // … under another key
  SeqBits letters_;          // it is a dead letter
  std::uint64_t right_ = 0;  // acknowledged ones that are found
  std::uint64_t elsewhere_rows_ = 0;
  std::uint64_t corrupt_ = 0;
  std::uint64_t unexpected_ = 0;
  app::Histogram end_to_end_;
  RowTimes* times_ = nullptr;
};

}  // namespace producer
