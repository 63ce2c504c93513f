#include "http/traffic.hpp"

namespace http {

Attempts::Series& Attempts::find(std::string const& server, std::string const& method, int status,
                                 std::optional<base::Errc> error) {
  auto const count = series_.size();
  for (std::size_t i = 0; i < count; ++i) {
    auto& one = series_[i];
    if (one.status == status && one.error == error && one.server == server && one.method == method)
      return one;
  }
  if (count > most) return series_[most];
  auto made = std::make_unique<Series>();
  if (count < most) {
    made->server = server;
    made->method = method;
    made->status = status;
    made->error = error;
  } else {
    made->server = "other";
    made->method = "_OTHER";
  }
  return *series_.append(std::move(made));
}

void Attempts::record(std::string const& server, std::string const& method, int status,
                      std::optional<base::Errc> error, std::chrono::nanoseconds taken) {
  find(server, method, status, error).taken.record(taken);
}

Task<Response> Timing::send(Request& request) {
  auto const begun = clock_.steady();
  auto result = co_await inner_.send(request);
  auto const taken = clock_.steady() - begun;
  if (result)
    attempts_.record(request.origin.host, request.method, result->status, std::nullopt, taken);
  else
    attempts_.record(request.origin.host, request.method, 0, result.error().code, taken);
  co_return result;
}

}  // namespace http
