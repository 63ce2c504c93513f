#include "simulation/network.hpp"

#include "simulation/process.hpp"

namespace simulation {

using namespace std::chrono_literals;
using http::Errc;
using http::Error;

namespace {

Error broken(std::string what, bool maybe_applied) {
  Error error(Errc::transient, std::move(what));
  error.maybe_applied = maybe_applied;
  return error;
}

Kind kind_of(http::Request const& request) {
  auto const& host = request.origin.host;
  if (host.find(".queue.") != std::string::npos) return Kind::azure_queue;
  if (host.find(".table.") != std::string::npos) return Kind::azure_table;
  if (host.starts_with("sqs.")) return Kind::sqs;
  if (host.starts_with("dynamodb.")) return Kind::dynamodb;
  if (host.starts_with("login.")) return Kind::entra;
  if (host.starts_with("sts.")) return Kind::sts;
  return Kind::container;
}

bool can_be_partial(http::Request const& request) {
  return request.operation.ends_with("Batch") || request.operation == "BatchWriteItem" ||
         request.operation == "EntityGroupTransaction";
}

}  // namespace

std::string_view to_string(Fault fault) {
  static constexpr std::array<std::string_view, faults> names{
      "none",    "refused", "lost", "reply lost", "acted and answered 500", "500", "throttled",
      "damaged", "stalled", "slow", "partial",    "token refused"};
  return names.at(static_cast<std::size_t>(fault));
}

Network::Network(World& world, Weather weather)
    : world_(world), chance_(world.chance.fork()), weather_(weather) {}

Nanos Network::latency() { return 1ms + Nanos(chance_.below(9'000'000)); }

void Network::count(Fault fault, int process) {
  ++counted_;
  ++by_kind_.at(static_cast<std::size_t>(fault));
  last_fault_[process] = world_.now();
}

Nanos Network::last_fault(int process) const {
  auto const found = last_fault_.find(process);
  return found == last_fault_.end() ? Nanos(-1s) : found->second;
}

Fault Network::choose(Exchange const& exchange) {
  if (requests_ < 64 && ((weather_.forced >> requests_) & 1U) != 0)
    return static_cast<Fault>(chance_.between(1, 9));
  if (world_.now() >= weather_.until) return Fault::none;
  auto const kind = static_cast<std::size_t>(exchange.kind);
  if (world_.now() >= weather_.from[kind] && world_.now() < weather_.to[kind])
    return chance_.happens(0.5) ? Fault::failed : chance_.happens(0.5) ? Fault::throttled : Fault::lost;
  double draw = chance_.unit();
  for (std::size_t i = 1; i < faults; ++i) {
    draw -= weather_.odds[i];
    if (draw >= 0) continue;
    auto const fault = static_cast<Fault>(i);
    bool const token_service = exchange.kind >= Kind::entra;
    if (fault == Fault::partial && !can_be_partial(exchange.request)) return Fault::failed_after;
    if (fault == Fault::token_refused && token_service) return Fault::failed;
    return fault;
  }
  return Fault::none;
}

void Network::start(ExchangePtr exchange) {
  ++requests_;
  exchange->kind = kind_of(exchange->request);
  exchange->fault = choose(*exchange);
  exchange->sent = world_.now();
  auto const fault = exchange->fault;
  auto& history = world_.history;
  history.add(world_.now(), exchange->request.operation, exchange->process, exchange->request.target);
  history.add(world_.now(), fault == Fault::none ? "" : to_string(fault), exchange->process,
              exchange->request.body);
  if (fault != Fault::none && fault != Fault::partial) count(fault, exchange->process);
  if (fault == Fault::refused) return answer(exchange, broken("connection refused", false), latency());
  if (fault == Fault::lost)
    return answer(exchange, broken("connection reset", true),
                  latency() + Nanos(chance_.below(2'000'000'000)));
  auto const way = fault == Fault::slow ? Nanos(chance_.below(8'000'000'000)) : latency();
  bool const sends =
      exchange->request.operation == "SendMessageBatch" || exchange->request.operation == "PutMessage";
  if (sends) ++sends_under_way_;
  world_.after(way, [this, exchange, sends] {
    if (sends) --sends_under_way_;
    auto* const service = services_.at(static_cast<std::size_t>(exchange->kind));
    if (!service) {
      world_.violate("a request went to " + exchange->request.origin.host + ", where nothing is");
      return;
    }
    if (exchange->fault == Fault::failed || exchange->fault == Fault::throttled) {
      Reply reply;
      reply.response = service->failure(exchange->fault);
      return this->reply(exchange, std::move(reply));
    }
    if (exchange->fault == Fault::token_refused) {
      Reply reply;
      reply.response = service->refusal();
      return this->reply(exchange, std::move(reply));
    }
    if (auto made = service->handle(exchange)) this->reply(exchange, std::move(*made));
  });
}

void Network::reply(ExchangePtr const& exchange, Reply reply) {
  auto* const service = services_.at(static_cast<std::size_t>(exchange->kind));
  switch (exchange->fault) {
    case Fault::reply_lost:
      return answer(exchange, broken("the connection broke before the reply", true), latency());
    case Fault::failed_after:
      return answer(exchange, service->failure(Fault::failed_after), latency());
    case Fault::damaged:
      // A reply that is cut is an error of the transport; one that was replaced has its text wrong.
      if (chance_.happens(0.5)) return answer(exchange, broken("the reply was cut", true), latency());
      reply.response.body = "<html>bad gateway";
      reply.response.headers.set("Content-Type", "text/html");
      reply.response.headers.erase("x-ms-popreceipt");
      if (reply.response.status < 300) reply.response.status = 200;
      return answer(exchange, std::move(reply.response), latency());
    case Fault::stalled:
      return answer(exchange, std::move(reply.response), 200s);
    case Fault::none:
    case Fault::refused:
    case Fault::lost:
    case Fault::failed:
    case Fault::throttled:
    case Fault::slow:
    case Fault::partial:
    case Fault::token_refused:
      break;
  }
  answer(exchange, std::move(reply.response), latency(), std::move(reply.delivered));
}

void Network::answer(ExchangePtr const& exchange, http::Result<http::Response> result, Nanos delay,
                     std::function<void()> delivered) {
  world_.after(delay,
               [this, exchange, result = std::move(result), delivered = std::move(delivered)]() mutable {
                 if (!exchange->waiting || exchange->answer) return;
                 if (result)
                   world_.history.add(world_.now(), "reply", exchange->process, result->body);
                 else
                   world_.history.add(world_.now(), "error", exchange->process, result.error().message);
                 exchange->answer.emplace(std::move(result));
                 if (delivered) delivered();
                 exchange->waiting->resume();
               });
}

http::Task<http::Response> Wire::send(http::Request& request) {
  auto& world = process_.world();
  Wait wait(process_);
  auto const exchange = std::make_shared<Exchange>();
  exchange->process = process_.number();
  exchange->waiting = &wait;
  auto const limit = request.timeouts.total.count() > 0 ? Nanos(request.timeouts.total) : Nanos(1h);
  exchange->request = request;
  struct Leaving {
    World& world;
    Exchange& exchange;
    World::Place place;
    ~Leaving() {
      exchange.waiting = nullptr;
      world.cancel(place);
    }
  };
  Leaving const leaving{world, *exchange, world.after(limit, [&world, exchange] {
                          if (!exchange->waiting || exchange->answer) return;
                          world.note("time-out", exchange->process);
                          exchange->answer.emplace(broken("no answer in time", true));
                          exchange->waiting->resume();
                        })};
  process_.network().start(exchange);
  co_await wait.wait();
  co_return std::move(*exchange->answer);
}

}  // namespace simulation
