#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace base {

// A number that one thread counts up and any thread reads: as cheap as a plain one, since nobody else writes.
class Tally {
 public:
  Tally() = default;
  Tally(std::uint64_t value) : value_(value) {}
  Tally(Tally const& other) : value_(other.value()) {}
  Tally& operator=(Tally const& other) {
    value_.store(other.value(), std::memory_order_relaxed);
    return *this;
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }
  operator std::uint64_t() const { return value(); }
  Tally& operator+=(std::uint64_t more) {
    value_.store(value() + more, std::memory_order_relaxed);
    return *this;
  }
  Tally& operator++() { return *this += 1; }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// One Tally for each value of an enumeration, whose last one is `Last`.
template <class Enum, Enum Last>
class Tallies {
 public:
  static constexpr std::size_t size = static_cast<std::size_t>(Last) + 1;
  Tally& operator[](Enum which) { return tallies_[static_cast<std::size_t>(which)]; }
  Tally const& operator[](Enum which) const { return tallies_[static_cast<std::size_t>(which)]; }

 private:
  std::array<Tally, size> tallies_;
};

// A value that one thread sets and any thread reads.
template <class T>
class Reading {
 public:
  explicit Reading(T value = {}) : value_(value) {}
  void set(T value) { value_.store(value, std::memory_order_relaxed); }
  T get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<T> value_;
};

// Upper bounds of the buckets for durations: of one operation, and of a message's whole way.
inline constexpr std::array<std::chrono::microseconds, 16> operation_bounds{
    std::chrono::microseconds(500), std::chrono::microseconds(1'000), std::chrono::microseconds(2'500),
    std::chrono::milliseconds(5),   std::chrono::milliseconds(10),    std::chrono::milliseconds(25),
    std::chrono::milliseconds(50),  std::chrono::milliseconds(100),   std::chrono::milliseconds(250),
    std::chrono::milliseconds(500), std::chrono::seconds(1),          std::chrono::milliseconds(2'500),
    std::chrono::seconds(5),        std::chrono::seconds(10),         std::chrono::seconds(30),
    std::chrono::seconds(120)};
inline constexpr std::array<std::chrono::microseconds, 16> way_bounds{
    std::chrono::milliseconds(5),   std::chrono::milliseconds(10),  std::chrono::milliseconds(25),
    std::chrono::milliseconds(50),  std::chrono::milliseconds(100), std::chrono::milliseconds(250),
    std::chrono::milliseconds(500), std::chrono::seconds(1),        std::chrono::milliseconds(2'500),
    std::chrono::seconds(5),        std::chrono::seconds(10),       std::chrono::seconds(30),
    std::chrono::minutes(2),        std::chrono::minutes(10),       std::chrono::hours(1),
    std::chrono::hours(24)};

// Durations in buckets; one thread records and any thread reads. What is read while one is recorded may lack
// it in the sum.
class Timings {
 public:
  using Bounds = std::array<std::chrono::microseconds, 16>;
  explicit Timings(Bounds const& bounds = operation_bounds) : bounds_(&bounds) {}

  // Below zero counts as zero.
  void record(std::chrono::nanoseconds taken) {
    taken = std::max(taken, std::chrono::nanoseconds(0));
    auto const bucket = std::lower_bound(bounds_->begin(), bounds_->end(), taken) - bounds_->begin();
    ++buckets_[static_cast<std::size_t>(bucket)];
    sum_ns_ += static_cast<std::uint64_t>(taken.count());
  }
  Bounds const& bounds() const { return *bounds_; }
  std::span<Tally const> buckets() const { return buckets_; }  // the last one: above every bound
  double seconds() const { return static_cast<double>(sum_ns_.value()) / 1e9; }

 private:
  Bounds const* bounds_;
  std::array<Tally, 17> buckets_;
  Tally sum_ns_;
};

// A list that one thread appends to and any thread reads; never more than `Most` entries.
template <class T, std::size_t Most>
class Growing {
 public:
  // Null where it is full.
  T* append(std::unique_ptr<T> entry) {
    auto const at = size_.load(std::memory_order_relaxed);
    if (at == Most) return nullptr;
    entries_[at] = std::move(entry);
    size_.store(at + 1, std::memory_order_release);
    return entries_[at].get();
  }
  std::size_t size() const { return size_.load(std::memory_order_acquire); }
  T& operator[](std::size_t at) const { return *entries_[at]; }

 private:
  std::array<std::unique_ptr<T>, Most> entries_;
  std::atomic<std::size_t> size_{0};
};

}  // namespace base
