#pragma once

#include "auth/core/signer.hpp"

namespace auth {

// Signs every request before it goes on.
class Signing final : public http::Client {
 public:
  Signing(http::Client& inner, Signer& signer) : inner_(inner), signer_(signer) {}
  Task<http::Response> send(http::Request& request) override;

 private:
  http::Client& inner_;
  Signer& signer_;
};

}  // namespace auth
