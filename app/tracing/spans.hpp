#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "app/tracing/span.hpp"

namespace app::tracing {

// Spans on their way from the messages' loops to the exporter: so many at most; with no room left a span is
// dropped and counted, so that nobody ever waits. Safe to use from several threads.
class Spans {
 public:
  explicit Spans(std::size_t most) : most_(most) {}

  void push(Span span);
  // The oldest, at most so many.
  std::vector<Span> take(std::size_t at_most);
  std::size_t size() const;

  // `many` is called by push() each time that `count` spans have come to wait. Set it before the first push.
  void notify_at(std::size_t count, std::function<void()> many);

  // Spans that will never be exported: no room here, or the exporter gave up on them.
  std::uint64_t dropped() const { return dropped_; }
  void drop(std::uint64_t count) { dropped_ += count; }
  std::uint64_t exported() const { return exported_; }
  void exported(std::uint64_t count) { exported_ += count; }

 private:
  std::size_t most_;
  mutable std::mutex mutex_;
  std::deque<Span> waiting_;
  std::size_t threshold_ = 0;
  std::function<void()> many_;
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> exported_{0};
};

}  // namespace app::tracing
