#include "producer/audit.hpp"

#include "app/dead_letter.hpp"
#include "app/row.hpp"
#include "base/encoding.hpp"

namespace producer {

Audit::Audit(Manifest const& manifest) : manifest_(manifest) {}

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
    elsewhere_.insert(*seq);
    ++elsewhere_rows_;
    return;
  }
  if (found_.insert(*seq) && manifest_.acknowledged.contains(*seq)) ++right_;
  auto const produced = app::moment_of(row.text("srcStamp").value_or(""));
  auto persisted = app::moment_of(row.text("dateStamp").value_or(""));
  if (!persisted) persisted = app::moment_of(row.text("destStamp").value_or(""));
  if (!produced || !persisted) return;
  end_to_end_.record(*persisted - *produced);
  if (times_ != nullptr) times_->take(*produced, *persisted);
}

void Audit::take_letter(storage::Entity const& row) {
  if (row.text(app::letter_run) != manifest_.run || row.text("redriven")) return;
  auto const seq = base::parse_u64(row.text(app::letter_seq).value_or(""));
  if (seq && *seq > 0 && *seq <= app::max_seq) letters_.insert(*seq);
}

void Audit::take_letter(app::Body const& body) {
  if (body.run == manifest_.run) letters_.insert(body.seq);
}

Findings Audit::finish() const {
  Findings findings;
  findings.expected = manifest_.acknowledged.size();
  findings.corrupt = corrupt_;
  findings.unexpected = unexpected_;
  findings.end_to_end = end_to_end_;
  for (auto const& [first, last] : manifest_.acknowledged.ranges()) {
    for (auto seq = first; seq <= last; ++seq) {
      if (found_.contains(seq)) {
        ++findings.found;
      } else if (letters_.contains(seq)) {
        ++findings.dead_lettered;
      } else {
        ++findings.missing;
        if (findings.missing_seq.size() < 20) findings.missing_seq.push_back(seq);
      }
    }
  }
  // Beside its right row a second one is a duplicate; without it, key and sequence number disagree.
  std::uint64_t alone = 0;
  elsewhere_.each([&](std::uint64_t seq) { alone += found_.contains(seq) ? 0U : 1U; });
  findings.corrupt += alone;
  findings.duplicated = elsewhere_rows_ - alone;
  return findings;
}

}  // namespace producer
