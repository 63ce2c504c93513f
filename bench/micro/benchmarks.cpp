// How long signing, encoding and decoding take, by Google Benchmark: micro_bench --benchmark_filter=azure
#include <benchmark/benchmark.h>

#include "micro/operations.hpp"

int main(int argc, char** argv) {
  for (auto& operation : micro::operations())
    benchmark::RegisterBenchmark(operation.name.c_str(), [run = operation.run](benchmark::State& state) {
      for ([[maybe_unused]] auto const turn : state) run();
    });
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
