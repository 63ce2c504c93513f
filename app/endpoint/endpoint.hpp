#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/endpoint/pulse.hpp"
#include "app/endpoint/server.hpp"
#include "app/metrics/catalogue.hpp"
#include "app/metrics/store_meters.hpp"
#include "app/options.hpp"
#include "app/tracing/spans.hpp"

namespace app {

// --metrics-port and --metrics-address.
struct EndpointOptions {
  std::uint64_t port = 0;
  std::string address;

  void add_to(Command& command);
};

// What the endpoint tells of one event loop. Everything is kept by whoever shares it, counted on the loop's
// thread and read from the endpoint's.
struct Told {
  std::shared_ptr<http::Traffic const> traffic;
  std::shared_ptr<QueueMeters const> queue;
  std::shared_ptr<QueueMeters const> dead_letters;  // may be null
  std::shared_ptr<TableMeters const> table;         // may be null
  std::shared_ptr<Pulse const> pulse;
  std::function<std::uint64_t()> finished;  // messages this loop is done with
  std::function<void(Sheet&)> more;         // the program's own metrics
};

// What stands at --metrics-port. See docs/metrics.md.
class Endpoint {
 public:
  struct Setting {
    Role role = Role::consumer;
    std::string queue;  // URIs, for people
    std::string table;
  };

  // Null where no port is asked for. invalid: the port can't be had; the sentence names the option.
  static base::Result<std::unique_ptr<Endpoint>> open(Command const& command, EndpointOptions const& options,
                                                      Setting setting);
  ~Endpoint();

  // Spans are exported, and this is what becomes of them.
  void traced(std::shared_ptr<tracing::Spans const> spans);
  // The loops are ready and begin to work.
  void working(std::vector<Told> loops);
  // Asked to end: from any thread.
  void draining();
  std::uint16_t port() const;

 private:
  class Core;
  explicit Endpoint(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace app
