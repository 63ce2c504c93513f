#include "producer/start.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "app/parse.hpp"
#include "base/time.hpp"

namespace producer {

using base::Errc;
using base::Error;
using base::Result;
using namespace std::chrono_literals;

Result<base::System> parse_moment(std::string_view text) {
  if (auto const moment = base::parse_iso8601(text)) return *moment;
  if (auto const moment = base::parse_stamp(text)) return *moment;
  auto const seconds = app::parse_decimal(text);
  if (seconds && *seconds < 9e9)
    return base::System(std::chrono::duration_cast<base::System::duration>(
        std::chrono::microseconds(std::llround(*seconds * 1e6))));
  return Error(Errc::invalid,
               "is not a moment such as 2026-11-22T14:00:00Z, with Z or an offset, or seconds since 1970");
}

Result<void> check_start(base::System at, base::System now) {
  auto const text = [](std::chrono::nanoseconds span) {
    return std::to_string(std::chrono::ceil<std::chrono::seconds>(span).count()) + " s";
  };
  if (at <= now)
    return Error(Errc::invalid,
                 "is past by " + text(now - at) + ": give all instances a moment that is still to come");
  if (at - now > 24h)
    return Error(Errc::invalid, "is more than a day ahead (" + text(at - now) + "): is the time zone right?");
  return {};
}

boost::asio::awaitable<std::optional<base::Steady>> wait_for_start(base::Clock& clock, base::System at,
                                                                   std::stop_token stop) {
  while (!stop.stop_requested()) {
    auto const left = at - clock.system();
    auto const now = clock.steady();
    if (left <= 0ns)
      co_return now +
          std::chrono::duration_cast<base::Steady::duration>(std::max<std::chrono::nanoseconds>(left, -1s));
    co_await clock.sleep(std::min<std::chrono::nanoseconds>(left, 1s), stop);
  }
  co_return std::nullopt;
}

}  // namespace producer
