#include "consumer/traces.hpp"

#include <algorithm>

namespace consumer {

using app::tracing::Context;
using app::tracing::Kind;
using app::tracing::Span;

namespace {

std::vector<Context> contexts(std::span<Held* const> batch) {
  std::vector<Context> found;
  for (Held const* held : batch)
    if (held->traced) found.push_back(held->traced->context);
  return found;
}

}  // namespace

Traces::Traces(app::Loop& loop, app::tracing::Tracing* tracing, app::tracing::Place queue,
               app::tracing::Place table)
    : queue_(std::move(queue)), table_(std::move(table)) {
  if (tracing != nullptr) tracer_.emplace(tracing->tracer(loop.clock(), loop.random()));
}

Span Traces::on_queue(std::string_view operation, std::string_view type, Kind kind) const {
  Span span;
  span.name = std::string(operation) + ' ' + queue_.name;
  span.kind = kind;
  span.attributes = {{"messaging.system", queue_.system},
                     {"messaging.destination.name", queue_.name},
                     {"messaging.operation.name", std::string(operation)},
                     {"messaging.operation.type", std::string(type)}};
  return span;
}

void Traces::arrived(Held& held) {
  auto& carried = held.body.traceparent;
  // Beside the body it comes from whoever sent this very message.
  auto parent = app::tracing::parse_traceparent(held.message.traceparent);
  if (parent) carried = held.message.traceparent;
  if (!tracer_) return;
  if (!parent) parent = app::tracing::parse_traceparent(carried);
  auto const context = tracer_->begin(parent);
  if (!context.sampled) return;
  arrived_.push_back(parent.value_or(context));
  carried = to_string(context);
  held.traced = std::make_unique<app::tracing::Span>(on_queue("process", "process", Kind::consumer));
  auto& span = *held.traced;
  span.context = context;
  if (parent) span.parent = parent->span;
  span.begun = tracer_->now();
  span.attributes.emplace_back("messaging.message.id", held.message.id);
  span.attributes.emplace_back("edw.receive_count", std::int64_t{held.message.receive_count});
  if (!held.body.run.empty()) {
    span.attributes.emplace_back("edw.run", held.body.run);
    span.attributes.emplace_back("edw.seq", static_cast<std::int64_t>(held.body.seq));
  }
}

void Traces::processed(Held& held, std::string_view outcome, std::string const& error) {
  if (!held.traced || held.traced->ended != base::System()) return;
  held.traced->ended = tracer_->now();
  Span span = *held.traced;  // its context is still referred to
  if (!error.empty()) span.attributes.emplace_back("error.type", std::string(outcome));
  span.error = error;
  tracer_->end(std::move(span));
}

void Traces::end(Span span, base::System begun, std::vector<Context> links,
                 std::span<base::Error const* const> failures) {
  bool const alone = links.size() == 1;
  span.context = tracer_->begin_kept(alone ? std::optional(links.front()) : std::nullopt);
  if (alone) span.parent = links.front().span;
  span.links = std::move(links);
  span.begun = begun;
  span.ended = tracer_->now();
  auto const failure =
      std::find_if(failures.begin(), failures.end(), [](auto* error) { return error != nullptr; });
  if (failure != failures.end()) {
    span.attributes.emplace_back("error.type", std::string(base::to_string((*failure)->code)));
    span.error = base::describe(**failure);
  }
  tracer_->end(std::move(span));
}

void Traces::received(base::System begun, std::size_t count) {
  if (arrived_.empty()) return;
  auto span = on_queue("receive", "receive", Kind::client);
  span.attributes.emplace_back("messaging.batch.message_count", static_cast<std::int64_t>(count));
  end(std::move(span), begun, std::exchange(arrived_, {}), {});
}

void Traces::wrote(std::span<Held* const> batch, base::System begun,
                   std::span<base::Error const* const> failures) {
  if (!tracer_) return;
  auto links = contexts(batch);
  if (links.empty()) return;
  Span span;
  span.name = "upsert " + table_.name;
  span.kind = Kind::client;
  span.attributes = {{"db.system.name", table_.system},
                     {"db.collection.name", table_.name},
                     {"db.operation.name", std::string("upsert")},
                     {"db.operation.batch.size", static_cast<std::int64_t>(batch.size())}};
  end(std::move(span), begun, std::move(links), failures);
}

void Traces::settled(std::string_view operation, std::span<Held* const> batch, base::System begun,
                     std::span<base::Error const* const> failures) {
  if (!tracer_) return;
  auto links = contexts(batch);
  if (links.empty()) return;
  auto span = on_queue(operation, "settle", Kind::client);
  span.attributes.emplace_back("messaging.batch.message_count", static_cast<std::int64_t>(batch.size()));
  end(std::move(span), begun, std::move(links), failures);
}

void Traces::settled(std::string_view operation, Held& held, base::System begun,
                     std::optional<base::Error> const& failure) {
  if (!held.traced) return;
  Held* const one[] = {&held};
  base::Error const* const errors[] = {failure ? &*failure : nullptr};
  settled(operation, one, begun, errors);
}

}  // namespace consumer
