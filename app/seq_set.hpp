#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace app {

// A set of sequence numbers, kept as closed ranges: small as long as they are mostly in order.
class SeqSet {
 public:
  using Seq = std::uint64_t;

  void insert(Seq seq) { insert(seq, seq); }
  void insert(Seq first, Seq last);  // nothing where last < first
  bool contains(Seq seq) const;
  std::uint64_t size() const { return size_; }
  bool empty() const { return ranges_.empty(); }
  Seq last() const { return ranges_.empty() ? 0 : ranges_.rbegin()->second; }
  std::vector<std::pair<Seq, Seq>> ranges() const { return {ranges_.begin(), ranges_.end()}; }
  // What lies in [first, last] and not in this set.
  std::vector<std::pair<Seq, Seq>> gaps(Seq first, Seq last) const;

 private:
  std::map<Seq, Seq> ranges_;  // first → last, apart from each other by at least one
  std::uint64_t size_ = 0;
};

}  // namespace app
