#pragma once

#include <optional>

#include "app/tracing/settings.hpp"
#include "app/tracing/spans.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"

namespace app::tracing {

// Begins and ends the spans of one event loop. What it is not to keep costs an id.
class Tracer {
 public:
  Tracer(Sampler sampler, Spans& spans, base::Clock& clock, base::Random& random)
      : sampler_(sampler), spans_(spans), clock_(clock), random_(random) {}

  // A new span's context: of the parent's trace, else of a trace of its own. Sampled as the sampler says.
  Context begin(std::optional<Context> const& parent);
  // The same, for a span that is kept because of what it links to.
  Context begin_kept(std::optional<Context> const& parent);
  base::System now() const { return clock_.system(); }
  // Only for contexts that are sampled.
  void end(Span span) { spans_.push(std::move(span)); }

 private:
  Sampler sampler_;
  Spans& spans_;
  base::Clock& clock_;
  base::Random& random_;
};

}  // namespace app::tracing
