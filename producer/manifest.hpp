#pragma once

#include <string>

#include "app/seq_set.hpp"
#include "base/error.hpp"

namespace producer {

// What became of each message of a run: the record that an audit is held against. A sequence number up to
// `last` that is neither acknowledged nor failed is unknown: the service may have acted on it.
struct Manifest {
  std::string run;
  std::string queue;
  bool complete = false;      // the producer ended by itself
  app::SeqSet::Seq last = 0;  // none above was ever sent
  app::SeqSet acknowledged;
  app::SeqSet failed;

  std::string to_json() const;
  // invalid: not a manifest, or one that contradicts itself.
  static base::Result<Manifest> parse(std::string_view json);
  // absent: no such file; invalid: unreadable.
  static base::Result<Manifest> load(std::string const& path);
};

// Replaces the file whole and durably: written beside it, synced, renamed. transient: the disk refused.
base::Result<void> store(Manifest const& manifest, std::string const& path);

}  // namespace producer
