#include "producer/traces.hpp"

namespace producer {

using app::tracing::Kind;
using app::tracing::Span;

Traces::Traces(app::Loop& loop, app::tracing::Tracing* tracing, app::tracing::Place place, std::string run)
    : place_(std::move(place)), run_(std::move(run)) {
  if (tracing != nullptr) tracer_.emplace(tracing->tracer(loop.clock(), loop.random()));
}

Span Traces::named(std::string const& operation, Kind kind) const {
  Span span;
  span.name = operation + ' ' + place_.name;
  span.kind = kind;
  span.attributes = {{"messaging.system", place_.system},
                     {"messaging.destination.name", place_.name},
                     {"messaging.operation.name", operation},
                     {"messaging.operation.type", operation},
                     {"edw.run", run_}};
  return span;
}

storage::Traceparent Traces::Batch::begin(std::uint64_t seq) {
  if (!traces_.tracer_) return {};
  auto& tracer = *traces_.tracer_;
  auto const context = tracer.begin(std::nullopt);
  auto const place = begun_++;
  if (context.sampled) {
    Made made{place, traces_.named(size_ == 1 ? "send" : "create", Kind::producer)};
    made.span.context = context;
    made.span.begun = tracer.now();
    made.span.ended = made.span.begun;
    made.span.attributes.emplace_back("edw.seq", static_cast<std::int64_t>(seq));
    kept_.push_back(std::move(made));
  }
  auto const text = to_text(context);
  return std::string_view(text.data(), text.size());
}

void Traces::Batch::sending() {
  if (!kept_.empty()) sending_ = traces_.tracer_->now();
}

void Traces::Batch::sent(std::span<std::optional<base::Error> const> failures) {
  if (kept_.empty()) return;
  auto& tracer = *traces_.tracer_;
  auto const failed = [](Span& span, base::Error const& error) {
    span.attributes.emplace_back("error.type", std::string(base::to_string(error.code)));
    span.error = base::describe(error);
  };
  if (size_ == 1) {
    auto& span = kept_.front().span;
    if (failures.front()) failed(span, *failures.front());
    span.ended = tracer.now();
    tracer.end(std::move(span));
    return;
  }
  auto span = traces_.named("send", Kind::client);
  span.begun = sending_;
  span.ended = tracer.now();
  span.attributes.emplace_back("messaging.batch.message_count", static_cast<std::int64_t>(size_));
  for (auto& made : kept_) {
    span.links.push_back(made.span.context);
    if (failures[made.place] && span.error.empty()) failed(span, *failures[made.place]);
  }
  span.context = tracer.begin_kept(span.links.size() == 1 ? std::optional(span.links.front()) : std::nullopt);
  if (span.links.size() == 1) span.parent = span.links.front().span;
  for (auto& made : kept_) tracer.end(std::move(made.span));
  tracer.end(std::move(span));
}

}  // namespace producer
