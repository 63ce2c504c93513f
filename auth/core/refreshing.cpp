#include "auth/core/refreshing.hpp"

namespace auth {

Task<http::Response> Refreshing::send(http::Request& request) {
  http::Mark const bare(request);
  auto const first = co_await signer_.sign(request);
  if (!first) co_return first.error();
  auto response = co_await inner_.send(request);
  if (!response || !refused_(*response) || request.stop.stop_requested()) co_return response;
  if (!signer_.renew(request, *response)) co_return response;
  bare.restore(request);
  auto const second = co_await signer_.sign(request);
  if (!second) co_return second.error();
  co_return co_await inner_.send(request);
}

}  // namespace auth
