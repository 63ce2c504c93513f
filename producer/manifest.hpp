#pragma once

#include <string>
#include <vector>

#include "app/seq_set.hpp"
#include "base/error.hpp"
#include "producer/share.hpp"
#include "producer/strides.hpp"

namespace producer {

// What became of each message of a run, or of an instance's share of it: the record that an audit is held
// against. One up to `last` that is neither acknowledged nor failed is unknown: the service may have acted.
// On disk all are sequence numbers, in closed ranges; a third number in a range is the step within it.
struct Manifest {
  std::string run;
  std::string queue;
  bool complete = false;      // the producer ended by itself
  Share share;                // what follows counts the numbers of this share
  app::SeqSet::Seq last = 0;  // none above was ever sent
  app::SeqSet acknowledged;
  app::SeqSet failed;
  std::vector<Stride> poison;  // bad on purpose, sent or not: sequence numbers of the run

  std::string to_json() const;
  // invalid: not a manifest, or one that contradicts itself.
  static base::Result<Manifest> parse(std::string_view json);
  // absent: no such file; invalid: unreadable.
  static base::Result<Manifest> load(std::string const& path);
};

// Replaces the file whole and durably: written beside it, synced, renamed. transient: the disk refused.
base::Result<void> store(Manifest const& manifest, std::string const& path);

}  // namespace producer
