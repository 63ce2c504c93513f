#include "base/secret.hpp"

#include <openssl/crypto.h>

namespace base {

void Secret::wipe() noexcept {
  OPENSSL_cleanse(value_.data(), value_.size());
  value_.clear();
}

Secret& Secret::operator=(Secret const& other) {
  if (this != &other) {
    wipe();
    value_ = other.value_;
  }
  return *this;
}

// A short string is copied by a move, so the source is wiped, not just left moved-from.
Secret::Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.wipe(); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    value_.swap(other.value_);
    other.wipe();
  }
  return *this;
}

Secret::~Secret() { wipe(); }

}  // namespace base
