#include "auth/core/refreshing.hpp"

namespace auth {

namespace {

http::Request head_of(http::Request const& request) {
  http::Request head(request.method, request.origin, request.target);
  head.headers = request.headers;
  head.operation = request.operation;
  return head;
}

}  // namespace

Task<http::Response> Refreshing::send(http::Request request) {
  http::Request again = request;
  auto const first = co_await signer_.sign(request);
  if (!first) co_return first.error();
  auto const sent = head_of(request);
  auto response = co_await inner_.send(std::move(request));
  if (!response || !refused_(*response) || again.stop.stop_requested()) co_return response;
  if (!signer_.renew(sent, *response)) co_return response;
  auto const second = co_await signer_.sign(again);
  if (!second) co_return second.error();
  co_return co_await inner_.send(std::move(again));
}

}  // namespace auth
