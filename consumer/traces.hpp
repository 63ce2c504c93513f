#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/loops.hpp"
#include "app/tracing/place.hpp"
#include "app/tracing/tracing.hpp"
#include "consumer/held.hpp"

namespace consumer {

// The spans of one lane. A message's own trace goes on with the span of its processing; what is done for many
// at once is one span that links to each, and belongs to the trace itself where it concerns one alone. Names
// and attributes follow OpenTelemetry's conventions for messaging and database spans.
class Traces {
 public:
  // `tracing` null: there are none, and nothing of this costs anything.
  Traces(app::Loop& loop, app::tracing::Tracing* tracing, app::tracing::Place queue,
         app::tracing::Place table);

  // When something begins that may become a span.
  base::System now() const { return tracer_ ? tracer_->now() : base::System(); }

  // One receive: its messages arrive between the two.
  void receiving() { arrived_.clear(); }
  void received(base::System begun, std::size_t count);
  // Its work begins now. From here on the message's trace context is this work's.
  void arrived(Held& held);
  // Its work has ended; `error` empty: well.
  void processed(Held& held, std::string_view outcome, std::string const& error);

  // One call for these messages; a failure's index is that of its message, or there is one for all.
  void wrote(std::span<Held* const> batch, base::System begun, std::span<base::Error const* const> failures);
  void settled(std::string_view operation, std::span<Held* const> batch, base::System begun,
               std::span<base::Error const* const> failures);
  void settled(std::string_view operation, Held& held, base::System begun,
               std::optional<base::Error> const& failure);

 private:
  app::tracing::Span on_queue(std::string_view operation, std::string_view type,
                              app::tracing::Kind kind) const;
  void end(app::tracing::Span span, base::System begun, std::vector<app::tracing::Context> links,
           std::span<base::Error const* const> failures);

  std::optional<app::tracing::Tracer> tracer_;
  app::tracing::Place queue_;
  app::tracing::Place table_;
  std::vector<app::tracing::Context> arrived_;
};

}  // namespace consumer
