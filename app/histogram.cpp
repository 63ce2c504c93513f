#include "app/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace app {

namespace {

constexpr unsigned precision_bits = 7;  // 128 buckets for each doubling
constexpr std::uint64_t most = (std::uint64_t{1} << 37) - 1;

std::size_t index_of(std::uint64_t micros) {
  unsigned const width = static_cast<unsigned>(std::bit_width(micros));
  unsigned const shift = width > precision_bits + 1 ? width - precision_bits - 1 : 0;
  return (std::size_t{shift} << precision_bits) + (micros >> shift);
}

// The largest value that falls into a bucket.
std::uint64_t top_of(std::size_t index) {
  std::size_t const doubling = index >> precision_bits;
  std::size_t const shift = doubling > 1 ? doubling - 1 : 0;
  std::uint64_t const mantissa = index - (shift << precision_bits);
  return ((mantissa + 1) << shift) - 1;
}

}  // namespace

void Histogram::record(std::chrono::nanoseconds value) {
  auto const whole = std::chrono::duration_cast<std::chrono::microseconds>(value).count();
  std::uint64_t const micros = std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(whole, 0)), most);
  std::size_t const index = index_of(micros);
  if (index >= buckets_.size()) buckets_.resize(index + 1);
  ++buckets_[index];
  ++count_;
  max_ = std::max(max_, micros);
}

void Histogram::merge(Histogram const& other) {
  if (other.buckets_.size() > buckets_.size()) buckets_.resize(other.buckets_.size());
  for (std::size_t i = 0; i < other.buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

Histogram Histogram::since(Histogram const& before) const {
  Histogram more;
  more.buckets_ = buckets_;
  for (std::size_t i = 0; i < before.buckets_.size(); ++i) more.buckets_[i] -= before.buckets_[i];
  more.count_ = count_ - before.count_;
  for (std::size_t i = 0; i < more.buckets_.size(); ++i)
    if (more.buckets_[i] > 0) more.max_ = std::min(top_of(i), max_);
  return more;
}

Histogram::Buckets Histogram::buckets() const {
  Buckets all;
  for (std::size_t i = 0; i < buckets_.size(); ++i)
    if (buckets_[i] > 0) all.emplace_back(std::min(top_of(i), max_), buckets_[i]);
  return all;
}

std::optional<Histogram> Histogram::of(Buckets const& buckets) {
  Histogram made;
  for (auto const& [micros, count] : buckets) {
    auto const index = index_of(std::min(micros, most));
    bool const last = &micros == &buckets.back().first;
    if (count == 0 || micros > most || index < made.buckets_.size() || (!last && top_of(index) != micros) ||
        count > std::numeric_limits<std::uint64_t>::max() / 2 - made.count_)
      return std::nullopt;
    made.buckets_.resize(index + 1);
    made.buckets_[index] = count;
    made.count_ += count;
    made.max_ = micros;
  }
  return made;
}

std::chrono::microseconds Histogram::quantile(double q) const {
  auto const rank =
      static_cast<std::uint64_t>(std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= std::max<std::uint64_t>(rank, 1)) return std::chrono::microseconds(std::min(top_of(i), max_));
  }
  return std::chrono::microseconds(0);
}

}  // namespace app
