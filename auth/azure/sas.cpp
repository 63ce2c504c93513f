#include "auth/azure/sas.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/time.hpp"

namespace auth::azure {

std::optional<std::string> sas_parameter(std::string_view sas, std::string_view name) {
  while (!sas.empty()) {
    auto const end = std::min(sas.find('&'), sas.size());
    auto const pair = sas.substr(0, end);
    sas.remove_prefix(std::min(end + 1, sas.size()));
    auto const equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name)
      return base::percent_decode(pair.substr(equals + 1));
  }
  return std::nullopt;
}

std::optional<base::System> sas_expiry(std::string_view sas) {
  auto const text = sas_parameter(sas, "se");
  if (!text) return std::nullopt;
  // The service takes a date alone and minutes without seconds as well.
  if (text->size() == 10) return base::parse_iso8601(*text + "T00:00:00Z");
  if (text->size() == 17 && text->ends_with('Z')) return base::parse_iso8601(text->substr(0, 16) + ":00Z");
  return base::parse_iso8601(*text);
}

void append_sas(std::string& target, std::string_view sas) {
  target += target.find('?') == std::string::npos ? '?' : '&';
  target += sas;
}

Sas::Sas(base::Secret sas, std::string origin, base::Clock& clock)
    : sas_(std::move(sas)), origin_(std::move(origin)), expiry_(sas_expiry(sas_.reveal())), clock_(clock) {}

Task<> Sas::sign(http::Request& request) {
  if (expiry_ && *expiry_ <= clock_.system())
    co_return Error(Errc::denied, origin_ + " expired at " + base::iso8601(*expiry_) +
                                      ": make a new SAS, or check this machine's clock");
  if (!request.headers.find("x-ms-version")) request.headers.set("x-ms-version", api_version);
  append_sas(request.target, sas_.reveal());
  co_return base::Result<>();
}

}  // namespace auth::azure
