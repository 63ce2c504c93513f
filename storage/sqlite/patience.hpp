#pragma once

#include <atomic>
#include <chrono>

namespace storage::sqlite {

// How long the worker thread waits for other programs, and whether somebody wants it to end.
struct Patience {
  std::chrono::milliseconds limit{10'000};
  std::atomic<bool> ending{false};
};

}  // namespace storage::sqlite
