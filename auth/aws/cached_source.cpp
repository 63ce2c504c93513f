#include "auth/aws/cached_source.hpp"

namespace auth::aws {

CachedSource::CachedSource(std::shared_ptr<Source> inner, Context const& context)
    : inner_(std::move(inner)),
      log_(context.log),
      cached_([source = inner_] { return source->get(); }, inner_->name(), context.clock, context.random,
              context.log, context.renewals) {}

Task<Credentials> CachedSource::get() {
  auto waiting = cached_.get();
  auto credentials = co_await std::move(waiting);
  if (credentials && !told_) {
    told_ = true;
    log_.write(base::Level::info, "AWS credentials were taken from " + name());
  }
  co_return credentials;
}

bool CachedSource::refused(Credentials const& used) { return cached_.invalidate(used); }

std::string CachedSource::name() const { return inner_->name(); }

}  // namespace auth::aws
