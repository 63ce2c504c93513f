#pragma once

#include <functional>

#include "auth/core/signer.hpp"

namespace auth {

// A signer whose secret expires and can be had anew.
class Renewable : public Signer {
 public:
  // `sent`, as it was signed, was refused by `refusal`. Drops the secret it was signed
  // with where that is still the one at hand. True where signing again may give another answer.
  virtual bool renew(http::Request const& sent, http::Response const& refusal) = 0;
};

// Signs every request before it goes on, as Signing does, and where the service says that the secret expired
// or was revoked renews it and sends once more. Never more than once: a second refusal is the response.
class Refreshing final : public http::Client {
 public:
  using Judge = std::function<bool(http::Response const&)>;

  // `refused` tells the responses that a new secret may mend from those that none does, such as a missing
  // permission.
  Refreshing(http::Client& inner, Renewable& signer, Judge refused)
      : inner_(inner), signer_(signer), refused_(std::move(refused)) {}
  Task<http::Response> send(http::Request& request) override;

 private:
  http::Client& inner_;
  Renewable& signer_;
  Judge refused_;
};

}  // namespace auth
