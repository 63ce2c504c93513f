#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace app {

// Durations in buckets whose width grows with the value: any quantile is off by at most 0.8 % (one part in
// 128), from 1 µs to 36 hours, in 4 to 30 KiB. Histograms of threads and programs add up without loss.
class Histogram {
 public:
  void record(std::chrono::nanoseconds value);
  void merge(Histogram const& other);
  // What has been recorded since `before`, an earlier copy of this one. Its max() is the top of a bucket.
  Histogram since(Histogram const& before) const;
  std::uint64_t count() const { return count_; }
  // The least value that a share `q` (0 to 1) of all records does not exceed; zero when empty.
  std::chrono::microseconds quantile(double q) const;
  std::chrono::microseconds max() const { return std::chrono::microseconds(max_); }

  // What it holds, in order: the greatest value of each bucket in µs and how many fell into it; of the last
  // bucket the greatest that was recorded.
  using Buckets = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
  Buckets buckets() const;
  // The same again; nothing where no histogram can hold these.
  static std::optional<Histogram> of(Buckets const& buckets);

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

// What every summary and series tells of a histogram, by the names that stand there.
struct Quantile {
  char const* name;
  double share;
};
inline constexpr std::array<Quantile, 5> told_quantiles{
    {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1}}};

}  // namespace app
