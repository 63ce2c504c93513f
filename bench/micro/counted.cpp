// For bench/gate, under callgrind: does each operation some times, and has what that took written to a file
// of its own.
#include <valgrind/callgrind.h>

#include <cstdio>

#include "micro/operations.hpp"

int main() {
  constexpr int times = 20;
  auto const all = micro::operations();
  // Twice first: what is made once, in libraries and in the heap, is none of an operation's cost.
  for (auto const& operation : all)
    for (int turn = 0; turn < 2; ++turn) operation.run();
  for (auto const& operation : all) {
    CALLGRIND_ZERO_STATS;
    for (int turn = 0; turn < times; ++turn) operation.run();
    CALLGRIND_DUMP_STATS_AT(operation.name.c_str());
    std::printf("%s %d\n", operation.name.c_str(), times);
  }
}
