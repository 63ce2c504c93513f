#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <stop_token>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace producer {

// A moment that several machines can agree on: "2026-11-22T14:00:00Z", with an offset or a fraction if one
// likes, "2026-11-22 14:00:00.000000" (UTC), or seconds since 1970. invalid: the end of a sentence.
base::Result<base::System> parse_moment(std::string_view text);

// Whether a run can begin then: neither past nor more than a day ahead. invalid: the end of a sentence.
base::Result<void> check_start(base::System at, base::System now);

// Waits until the wall clock says `at`, looking at it each second, since it may be set meanwhile. Gives the
// same moment by the steady clock, which alone counts from then on; nothing where `stop` came first.
boost::asio::awaitable<std::optional<base::Steady>> wait_for_start(base::Clock& clock, base::System at,
                                                                   std::stop_token stop);

}  // namespace producer
