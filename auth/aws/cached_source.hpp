#pragma once

#include <memory>

#include "auth/aws/context.hpp"
#include "auth/aws/credentials.hpp"
#include "auth/core/cached.hpp"

namespace auth::aws {

// A source whose credentials are kept until shortly before they expire, fetched once for all who wait. Says
// at info, once, where they came from.
class CachedSource final : public Source {
 public:
  CachedSource(std::shared_ptr<Source> inner, Context const& context);
  Task<Credentials> get() override;
  bool refused(Credentials const& used) override;
  std::string name() const override;

 private:
  std::shared_ptr<Source> inner_;
  base::Log& log_;
  Cached<Credentials> cached_;
  bool told_ = false;
};

}  // namespace auth::aws
