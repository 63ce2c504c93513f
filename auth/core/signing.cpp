#include "auth/core/signing.hpp"

namespace auth {

Task<http::Response> Signing::send(http::Request& request) {
  auto const signed_ = co_await signer_.sign(request);
  if (!signed_) co_return signed_.error();
  co_return co_await inner_.send(request);
}

}  // namespace auth
