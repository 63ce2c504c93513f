#include "storage/azure/channel.hpp"

#include "storage/azure/batch_wire.hpp"

namespace storage::azure {

namespace {

http::Retries* counters(Context const& context, Service service) {
  if (context.traffic == nullptr) return nullptr;
  return service == Service::queue ? &context.traffic->queue : &context.traffic->table;
}

bool may_pass(Error const& error) { return error.code == Errc::transient || error.code == Errc::throttled; }

}  // namespace

Channel::Channel(Context const& context, Endpoint endpoint, Credential credential, http::RetryQuota& quota)
    : clock_(context.clock),
      random_(context.random),
      endpoint_(std::move(endpoint)),
      credential_(std::move(credential)),
      logging_(context.transport, context.clock, context.log),
      signing_(signing(logging_, credential_)),
      identifying_(*signing_, context.random),
      retrying_(identifying_, policy(), quota, context.clock, context.random, context.log, context.gates,
                counters(context, endpoint_.service)) {}

Place Channel::place() const {
  Place place;
  place.service = endpoint_.service;
  place.name = endpoint_.name;
  place.account = endpoint_.account;
  place.host = endpoint_.origin.authority();
  place.credential = credential_.description();
  return place;
}

http::RetryPolicy Channel::policy() const {
  http::RetryPolicy policy;
  policy.max_attempts = 4;
  policy.classify = [this](http::Response const& response) { return classify(response); };
  return policy;
}

std::optional<Error> Channel::classify(http::Response const& response) const {
  if (!response.ok()) {
    auto error = this->error(response);
    if (may_pass(error)) return error;
    return std::nullopt;
  }
  // A batch is accepted as a whole and may still fail inside for a reason that passes.
  auto const type = response.headers.find("Content-Type");
  if (response.status != 202 || !type || !may_hold_failure(response.body)) return std::nullopt;
  auto const replies = decode_batch(*type, response.body);
  if (!replies) return std::nullopt;
  for (auto const& reply : *replies) {
    if (reply.response.ok()) continue;
    auto error = this->error(reply.response);
    if (may_pass(error)) return error;
  }
  return std::nullopt;
}

Task<http::Response> Channel::ask(http::Request& request) {
  request.origin = endpoint_.origin;
  // TLS included: many at once take their time on a quarter of a core.
  request.timeouts.connect = std::chrono::seconds(10);
  return retrying_.send(request);
}

Task<http::Response> Channel::send(http::Request& request, int expected, int or_expected) {
  auto reply = co_await ask(request);
  if (!reply) co_return reply.error();
  if (reply->status == expected || reply->status == or_expected) co_return reply;
  // A good status that this request never earns: somebody else answers here.
  if (reply->ok()) co_return strange(*reply, "it answered HTTP " + std::to_string(reply->status));
  co_return error(*reply);
}

Error Channel::error(http::Response const& response) const {
  return to_error(response, place(), clock_.system());
}

Error Channel::strange(http::Response const& response, std::string_view detail) const {
  return not_understood(response, place(), detail);
}

}  // namespace storage::azure
