#include "auth/aws/cached_source.hpp"

namespace auth::aws {

CachedSource::CachedSource(std::shared_ptr<Source> inner, Context const& context)
    : inner_(std::move(inner)),
      cached_([source = inner_] { return source->get(); }, inner_->name(), context.clock, context.random,
              context.log) {}

Task<Credentials> CachedSource::get() { return cached_.get(); }

bool CachedSource::refused(Credentials const& used) { return cached_.invalidate(used); }

std::string CachedSource::name() const { return inner_->name(); }

}  // namespace auth::aws
