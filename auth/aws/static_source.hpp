#pragma once

#include <string>

#include "auth/aws/credentials.hpp"

namespace auth::aws {

// Credentials that are known already, or the reason why there are none.
class StaticSource final : public Source {
 public:
  StaticSource(Result<Credentials> found, std::string name)
      : found_(std::move(found)), name_(std::move(name)) {}
  Task<Credentials> get() override { co_return found_; }
  std::string name() const override { return name_; }

 private:
  Result<Credentials> found_;
  std::string name_;
};

}  // namespace auth::aws
