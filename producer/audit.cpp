#include "producer/audit.hpp"

#include "app/body.hpp"
#include "app/row.hpp"
#include "base/encoding.hpp"

namespace producer {

Audit::Audit(Manifest const& manifest) : manifest_(manifest), found_(manifest.last + 1, false) {}

// Whether the row still says what was sent: its hash is that of the payload beside it.
bool Audit::sound(storage::Entity const& row) const {
  auto const hash = row.text("hash");
  auto const data = row.text("data");
  return hash && data && *hash == app::payload_hash(*data, row.text("payload").value_or(""));
}

void Audit::take(storage::Entity const& row) {
  if (row.text("run") != manifest_.run) return;
  auto const seq = base::parse_u64(row.text("seq").value_or(""));
  if (!seq || *seq == 0 || *seq > app::max_seq) {
    ++corrupt_;
    return;
  }
  // With several manifests one may know better than another.
  bool const sent =
      *seq <= manifest_.last && (!manifest_.failed.contains(*seq) || manifest_.acknowledged.contains(*seq));
  if (!sent) {
    ++unexpected_;
    return;
  }
  if (!sound(row)) ++corrupt_;
  if (row.key != app::key_of(manifest_.run, *seq)) {
    elsewhere_.push_back(*seq);
    return;
  }
  found_[*seq] = true;
  auto const produced = app::moment_of(row.text("srcStamp").value_or(""));
  auto persisted = app::moment_of(row.text("dateStamp").value_or(""));
  if (!persisted) persisted = app::moment_of(row.text("destStamp").value_or(""));
  if (produced && persisted) end_to_end_.record(*persisted - *produced);
}

Findings Audit::finish() const {
  Findings findings;
  findings.expected = manifest_.acknowledged.size();
  findings.corrupt = corrupt_;
  findings.unexpected = unexpected_;
  findings.end_to_end = end_to_end_;
  for (auto const& [first, last] : manifest_.acknowledged.ranges()) {
    for (auto seq = first; seq <= last; ++seq) {
      if (found_[seq]) {
        ++findings.found;
      } else {
        ++findings.missing;
        if (findings.missing_seq.size() < 20) findings.missing_seq.push_back(seq);
      }
    }
  }
  // Beside its right row a second one is a duplicate; without it, key and sequence number disagree.
  std::vector<bool> counted(found_.size(), false);
  for (auto const seq : elsewhere_) {
    bool const first = !found_[seq] && !counted[seq];
    counted[seq] = true;
    ++(first ? findings.corrupt : findings.duplicated);
  }
  return findings;
}

}  // namespace producer
