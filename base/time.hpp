#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

// The forms in which the services and the samples write a moment, all in UTC. Pure functions. Parsers give
// nothing for what is not of the form, and for years that the clock can't hold (before 1678, after 2261).
namespace base {

std::string http_date(System when);  // "Sun, 22 Nov 2026 01:02:03 GMT", RFC 9110 section 5.6.7
std::optional<System> parse_http_date(std::string_view text);

std::string stamp(System when);  // "2026-11-22 01:02:03.000004": the samples' stamp
std::optional<System> parse_stamp(std::string_view text);

std::string iso8601_basic(System when);  // "20261122T010203Z"
std::string iso8601(System when);        // "2026-11-22T01:02:03Z"
// With or without a fraction of a second; ends in Z or an offset.
std::optional<System> parse_iso8601(std::string_view text);

}  // namespace base
