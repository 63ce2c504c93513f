#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/client.hpp"
#include "simulation/world.hpp"

namespace simulation {

class Process;
class Wait;

enum class Kind { azure_queue, azure_table, sqs, dynamodb, entra, sts, container };
inline constexpr std::size_t kinds = 7;

// What is done to one request and its reply. `service` and `partial` are the service's own doing.
enum class Fault {
  none,
  refused,       // no connection: nothing was sent
  lost,          // sent, and it never arrives
  reply_lost,    // the service acts; the connection breaks before the reply
  failed_after,  // the service acts and answers 500
  failed,        // 500, and nothing was done
  throttled,     // 503 ServerBusy, ThrottlingException …: nothing was done
  damaged,       // the service acts; its reply is cut or garbled on the way
  stalled,       // the reply comes after the client's time-out
  slow,          // it takes seconds
  partial,       // some of a batch fails
  token_refused  // the service does not believe the token any more
};
inline constexpr std::size_t faults = 12;
std::string_view to_string(Fault fault);

struct Reply {
  http::Response response;
  std::function<void()> delivered;  // runs when the client has it, whole
};

// One request on its way, and what comes back. It outlives the process that sent it.
struct Exchange {
  int process = -1;
  Kind kind = Kind::azure_queue;
  http::Request request;
  Fault fault = Fault::none;
  Nanos sent{0};
  Wait* waiting = nullptr;  // gone where the process is, or has given up
  std::optional<http::Result<http::Response>> answer;
};
using ExchangePtr = std::shared_ptr<Exchange>;

class Service {
 public:
  virtual ~Service() = default;
  // Acts, and answers; nothing where it answers later through Network::reply.
  virtual std::optional<Reply> handle(ExchangePtr const& exchange) = 0;
  // How this service says that it is busy or broken.
  virtual http::Response failure(Fault fault) = 0;
  // How it says that it does not believe the credential.
  virtual http::Response refusal() = 0;
};

// How often what goes wrong, while it goes wrong.
struct Weather {
  std::array<double, faults> odds{};
  Nanos until{0};                   // nothing goes wrong from then on, but for the forced ones
  std::uint64_t forced = 0;         // one bit for each of the first 64 requests that must go wrong
  std::array<Nanos, kinds> from{};  // outages of whole services
  std::array<Nanos, kinds> to{};
};

// Between the processes and the services: takes its time, loses, repeats and damages.
class Network {
 public:
  Network(World& world, Weather weather);
  World& world() { return world_; }
  void serve(Kind kind, Service& service) { services_.at(static_cast<std::size_t>(kind)) = &service; }

  void start(ExchangePtr exchange);
  void reply(ExchangePtr const& exchange, Reply reply);
  // Whether a part of a batch fails now.
  bool part_fails(Exchange const& exchange) {
    return exchange.fault == Fault::partial && chance_.happens(0.5);
  }
  Chance& chance() { return chance_; }

  // The service noticed by itself, e.g. an expired token: counts as a fault like the others.
  void count(Fault fault, int process);
  std::uint64_t counted() const { return counted_; }
  // Whether no message is on its way to a queue any more: a slow request outlives who sent it.
  bool all_arrived() const { return sends_under_way_ == 0; }
  std::array<std::uint64_t, faults> const& by_kind() const { return by_kind_; }
  // When something last went wrong for this process; -1 s where nothing did.
  Nanos last_fault(int process) const;

 private:
  Fault choose(Exchange const& exchange);
  Nanos latency();
  void answer(ExchangePtr const& exchange, http::Result<http::Response> result, Nanos delay,
              std::function<void()> delivered = {});

  World& world_;
  std::uint64_t sends_under_way_ = 0;
  Chance chance_;
  Weather weather_;
  std::array<Service*, kinds> services_{};
  std::uint64_t requests_ = 0;
  std::uint64_t counted_ = 0;
  std::array<std::uint64_t, faults> by_kind_{};
  std::map<int, Nanos> last_fault_;
};

// The transport of one process.
class Wire final : public http::Client {
 public:
  explicit Wire(Process& process) : process_(process) {}
  http::Task<http::Response> send(http::Request& request) override;

 private:
  Process& process_;
};

}  // namespace simulation
