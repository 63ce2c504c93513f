#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/loops.hpp"
#include "app/tracing/place.hpp"
#include "app/tracing/tracing.hpp"
#include "storage/core/traceparent.hpp"

namespace producer {

// The traces of one sender's messages: each begins one. Names and attributes follow OpenTelemetry's
// conventions for messaging spans.
class Traces {
 public:
  // `tracing` null: there are none, and nothing of this costs anything.
  Traces(app::Loop& loop, app::tracing::Tracing* tracing, app::tracing::Place place, std::string run);

  // One call of the queue. A message that goes alone has its span in "send"; one of several has a "create" of
  // its own, which their one "send" links to.
  class Batch {
   public:
    Batch(Traces& traces, std::size_t size) : traces_(traces), size_(size) {}
    // The trace context that this message is to carry; empty for none.
    storage::Traceparent begin(std::uint64_t seq);
    void sending();
    void sent(std::span<std::optional<base::Error> const> failures);

   private:
    struct Made {
      std::size_t place;
      app::tracing::Span span;
    };
    Traces& traces_;
    std::size_t size_;
    std::size_t begun_ = 0;
    std::vector<Made> kept_;
    base::System sending_;
  };

 private:
  app::tracing::Span named(std::string const& operation, app::tracing::Kind kind) const;

  std::optional<app::tracing::Tracer> tracer_;
  app::tracing::Place place_;
  std::string run_;
};

}  // namespace producer
