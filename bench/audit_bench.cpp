// What an audit costs: rows as a table streams them, through the shipped Audit.
//   cmake --build --preset release --target audit_bench && build/release/bin/audit_bench 10000000
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "app/row.hpp"
#include "producer/audit.hpp"

namespace {

long peak_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t const count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  producer::Manifest manifest;
  manifest.run = "a";
  manifest.last = count;
  manifest.acknowledged.insert(1, count);
  producer::Audit audit(manifest);
  producer::RowTimes times;
  audit.note_times(times);
  app::Body body;
  body.msg = "Scale Test Message : COUNT 1";
  body.src_stamp = "2026-11-22 01:02:03.000004";
  body.run = "a";
  body.hash = app::payload_hash(body.msg, "");
  app::RowFacts const facts{"dateStamp", "pod", std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)};
  storage::Message const message;
  long const before = peak_kib();
  auto const begun = std::chrono::steady_clock::now();
  // By partition, as a table gives them: 256 of them, each with runs of 32.
  for (std::uint64_t shard = 0; shard < 256; ++shard)
    for (std::uint64_t block = shard * 32; block <= count; block += 8192)
      for (std::uint64_t seq = std::max<std::uint64_t>(block, 1); seq < block + 32 && seq <= count; ++seq) {
        body.seq = seq;
        audit.take(app::make_row(body, message, facts));
      }
  auto const found = audit.finish();
  double const seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  std::printf("%llu rows, found %llu, clean %d, %.1f s, %.2f us a row, %ld KiB grown, %ld KiB at most\n",
              static_cast<unsigned long long>(count), static_cast<unsigned long long>(found.found),
              found.clean() ? 1 : 0, seconds, seconds * 1e6 / static_cast<double>(count), peak_kib() - before,
              peak_kib());
  return found.clean() ? 0 : 1;
}
