#include "producer/audit.hpp"

#include <algorithm>

#include "app/dead_letter.hpp"
#include "app/row.hpp"
#include "base/encoding.hpp"

namespace producer {

namespace {

constexpr std::size_t named = 20;  // missing ones

}  // namespace

Audit::Audit(std::span<Manifest const> manifests)
    : manifests_(manifests), run_(manifests.front().run), by_remainder_(manifests.front().share.instances) {
  for (auto const& manifest : manifests_) {
    by_remainder_.at(manifest.share.remainder) = &manifest;
    expected_ += manifest.acknowledged.size();
    for (auto const& stride : manifest.poison) poison_.insert(stride);
  }
}

// The manifest of the instance whose number it is; null where none was given.
Manifest const* Audit::of(std::uint64_t seq) const { return by_remainder_[seq % by_remainder_.size()]; }

// Whether the row still says what was sent: its hash is that of the payload beside it.
bool Audit::sound(storage::Entity const& row) const {
  auto const hash = row.text("hash");
  auto const data = row.text("data");
  return hash && data && *hash == app::payload_hash(*data, row.text("payload").value_or(""));
}

void Audit::take(storage::Entity const& row) {
  if (row.text("run") != run_) return;
  auto const seq = base::parse_u64(row.text("seq").value_or(""));
  if (!seq || *seq == 0 || *seq > app::max_seq) {
    ++corrupt_;
    return;
  }
  auto const* manifest = of(*seq);
  auto const number = manifest ? manifest->share.number(*seq) : 0;
  bool const acknowledged = manifest && manifest->acknowledged.contains(number);
  // With several manifests one may know better than another.
  bool const sent =
      manifest && number <= manifest->last && (!manifest->failed.contains(number) || acknowledged);
  bool const bad = poison_.contains(*seq);
  if (!sent || bad) {
    ++unexpected_;
    if (bad) poison_rows_.insert(*seq);
    return;
  }
  if (!sound(row)) ++corrupt_;
  if (row.key != app::key_of(run_, *seq)) {
    elsewhere_.insert(*seq);
    ++elsewhere_rows_;
    return;
  }
  if (found_.insert(*seq) && acknowledged) ++right_;
  auto const produced = app::moment_of(row.text("srcStamp").value_or(""));
  auto persisted = app::moment_of(row.text("dateStamp").value_or(""));
  if (!persisted) persisted = app::moment_of(row.text("destStamp").value_or(""));
  if (!produced || !persisted) return;
  end_to_end_.record(*persisted - *produced);
  if (times_ != nullptr) times_->take(*produced, *persisted);
}

void Audit::take_letter(storage::Entity const& row) {
  if (row.text(app::letter_run) != run_ || row.text("redriven")) return;
  auto const seq = base::parse_u64(row.text(app::letter_seq).value_or(""));
  if (seq && *seq > 0 && *seq <= app::max_seq) letters_.insert(*seq);
}

void Audit::take_letter(app::Body const& body) {
  if (body.run == run_) letters_.insert(body.seq);
}

bool Audit::misses(std::uint64_t seq, Findings& findings) const {
  bool const bad = poison_.contains(seq);
  bool const letter = letters_.contains(seq);
  if (bad) {
    ++findings.poison;
    findings.poison_dead_lettered += letter ? 1U : 0U;
    bool const row = poison_rows_.contains(seq);
    findings.poison_persisted += row ? 1U : 0U;
    if (row && !letter) return false;  // told as an unexpected row
  }
  if (found_.contains(seq))
    ++findings.found;
  else if (letter)
    ++findings.dead_lettered;
  else
    ++findings.missing;
  return !found_.contains(seq) && !letter;
}

Findings Audit::finish() const {
  Findings findings;
  findings.expected = expected_;
  findings.corrupt = corrupt_;
  findings.unexpected = unexpected_;
  findings.end_to_end = end_to_end_;
  auto& missing = findings.missing_seq;
  for (auto const& manifest : manifests_) {
    auto const enough = missing.size() + named;
    for (auto const& [first, last] : manifest.acknowledged.ranges())
      for (auto number = first; number <= last; ++number)
        if (misses(manifest.share.seq(number), findings) && missing.size() < enough)
          missing.push_back(manifest.share.seq(number));
  }
  std::sort(missing.begin(), missing.end());
  missing.resize(std::min(missing.size(), named));
  // Beside its right row a second one is a duplicate; without it, key and sequence number disagree.
  std::uint64_t alone = 0;
  elsewhere_.each([&](std::uint64_t seq) { alone += found_.contains(seq) ? 0U : 1U; });
  findings.corrupt += alone;
  findings.duplicated = elsewhere_rows_ - alone;
  return findings;
}

}  // namespace producer
