// The services' hints when to come back.
#include "http/retry_after.hpp"

#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"

void fuzz::retry_after(std::string_view input) {
  base::System const now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);
  for (auto const* name : {"retry-after-ms", "x-ms-retry-after-ms", "x-amz-retry-after", "Retry-After"}) {
    http::Headers headers;
    headers.set(name, std::string(input));
    auto const hint = http::retry_after(headers, now);
    if (!hint) continue;
    must(hint->count() >= 0, "a hint lies in the future");
    must(*hint <= std::chrono::hours(24 * 366), "a hint is bounded");
  }
}
