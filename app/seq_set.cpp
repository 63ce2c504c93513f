#include "app/seq_set.hpp"

#include <algorithm>
#include <iterator>

namespace app {

void SeqSet::insert(Seq first, Seq last) {
  if (last < first) return;
  auto next = ranges_.upper_bound(first);
  if (next != ranges_.begin()) {
    auto const before = std::prev(next);
    if (before->second >= first || before->second + 1 == first) next = before;
  }
  // Swallow every range that the new one touches.
  while (next != ranges_.end() && next->first <= (last == UINT64_MAX ? last : last + 1)) {
    first = std::min(first, next->first);
    last = std::max(last, next->second);
    size_ -= next->second - next->first + 1;
    next = ranges_.erase(next);
  }
  ranges_.emplace(first, last);
  size_ += last - first + 1;
}

bool SeqSet::contains(Seq seq) const {
  auto const next = ranges_.upper_bound(seq);
  return next != ranges_.begin() && std::prev(next)->second >= seq;
}

std::vector<std::pair<SeqSet::Seq, SeqSet::Seq>> SeqSet::gaps(Seq first, Seq last) const {
  std::vector<std::pair<Seq, Seq>> missing;
  for (auto const& [from, to] : ranges_) {
    if (to < first) continue;
    if (from > last || first > last) break;
    if (from > first) missing.emplace_back(first, from - 1);
    first = to + 1;
  }
  if (first <= last) missing.emplace_back(first, last);
  return missing;
}

}  // namespace app
