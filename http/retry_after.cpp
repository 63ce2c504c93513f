#include "http/retry_after.hpp"

#include <algorithm>
#include <sstream>
#include <string>

#include "base/encoding.hpp"
#include "base/time.hpp"

namespace http {

namespace {

using std::chrono::milliseconds;

// A year is for ever; a longer hint would overflow the sums made with it.
constexpr milliseconds longest = std::chrono::hours(24 * 365);

std::optional<milliseconds> whole(std::string_view text, std::uint64_t unit_ms) {
  text = base::trim(text);
  // Some services write a fraction; the part after the point is less than any back-off.
  auto const point = text.find('.');
  auto const number = base::parse_u64(text.substr(0, point));
  if (!number) return std::nullopt;
  if (point != std::string_view::npos && !base::parse_u64(text.substr(point + 1))) return std::nullopt;
  auto const limit = static_cast<std::uint64_t>(longest.count()) / unit_ms;
  return milliseconds(static_cast<std::int64_t>(std::min(*number, limit) * unit_ms));
}

// RFC 9110 section 5.6.7: besides today's form a recipient must know two old ones, here rewritten as today's.
std::string modern_date(std::string_view text) {
  std::istringstream words{std::string(text)};
  std::string weekday, a, b, c, d;
  words >> weekday >> a >> b >> c >> d;
  // "Sun Nov  6 08:49:37 1994"
  if (!d.empty() && !weekday.ends_with(','))
    return weekday + ", " + (b.size() == 1 ? "0" : "") + b + ' ' + a + ' ' + d + ' ' + c + " GMT";
  // "Sunday, 06-Nov-94 08:49:37 GMT"
  if (d.empty() && a.size() == 9 && a[2] == '-' && a[6] == '-')
    return weekday.substr(0, 3) + ", " + a.substr(0, 2) + ' ' + a.substr(3, 3) + " 20" + a.substr(7) + ' ' +
           b + " GMT";
  return std::string(text);
}

}  // namespace

std::optional<milliseconds> retry_after(Headers const& headers, base::System now) {
  for (char const* name : {"retry-after-ms", "x-ms-retry-after-ms", "x-amz-retry-after"})
    if (auto const value = headers.find(name))
      if (auto const hint = whole(*value, 1)) return hint;
  auto const value = headers.find("retry-after");
  if (!value) return std::nullopt;
  if (auto const hint = whole(*value, 1000)) return hint;
  auto const date = base::parse_http_date(modern_date(base::trim(*value)));
  if (!date) return std::nullopt;
  if (*date <= now) return milliseconds(0);  // also centuries ago, where a difference would overflow
  return std::min(std::chrono::ceil<milliseconds>(*date - now), longest);
}

}  // namespace http
