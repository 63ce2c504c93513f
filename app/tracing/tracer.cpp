#include "app/tracing/tracer.hpp"

namespace app::tracing {

Context Tracer::begin(std::optional<Context> const& parent) {
  // Nothing will be told of it, and nobody is told its id: the parent's own does.
  if (parent && sampler_.parent_based && !parent->sampled) return *parent;
  Context context;
  context.trace = parent ? parent->trace : new_trace_id(random_);
  context.span = new_span_id(random_);
  context.sampled = parent && sampler_.parent_based ? parent->sampled : sampler_.keeps(context.trace);
  return context;
}

Context Tracer::begin_kept(std::optional<Context> const& parent) {
  Context context;
  context.trace = parent ? parent->trace : new_trace_id(random_);
  context.span = new_span_id(random_);
  context.sampled = true;
  return context;
}

}  // namespace app::tracing
