#pragma once

#include <atomic>
#include <chrono>

namespace storage::sqlite {

// How long the worker thread waits for others, and whether somebody wants it to end.
struct Patience {
  std::chrono::milliseconds limit{10'000};  // for a foreign program that holds the database
  // For the turn among our own programs, each of which holds it for one transaction: on a slow disk that many
  // programs share, minutes are no sign of trouble.
  std::chrono::milliseconds turn{120'000};
  std::atomic<bool> ending{false};
};

}  // namespace storage::sqlite
