// What Azure storage, or anything before it, says of a failure.
#include "fuzz/lines.hpp"
#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"
#include "storage/azure/errors.hpp"

using namespace storage::azure;
using base::Errc;

void fuzz::azure_errors(std::string_view input) {
  Lines lines(input);
  http::Response response;
  response.status = static_cast<int>(300 + lines.number(300));
  if (auto const code = lines.line(); !code.empty())
    response.headers.set("x-ms-error-code", std::string(code));
  if (auto const hint = lines.line(); !hint.empty()) response.headers.set("Retry-After", std::string(hint));
  response.body = lines.rest();

  for (auto const service : {Service::queue, Service::table}) {
    Place place;
    place.service = service;
    place.name = "name";
    place.host = "host.example";
    place.credential = "the AccountKey";
    auto const error = to_error(response, place, base::System(std::chrono::hours(500'000)));
    must_be_told(error);
    must(error.http_status == response.status, "an error keeps its status");
    must(error.code != Errc::cancelled, "only we cancel");
    if (response.status == 429) must(error.code == Errc::throttled, "429 slows down");
    if (response.status >= 500)
      must(error.code == Errc::transient || error.code == Errc::throttled, "5xx is tried again");
  }
}
