#pragma once

#include <memory>
#include <string>

#include "app/tracing/settings.hpp"
#include "app/tracing/tracer.hpp"
#include "base/environment.hpp"
#include "base/log.hpp"

namespace app::tracing {

struct Trust {
  std::string ca_file;
  std::string origin;  // who named it
};

// The program's tracing, where its environment asks for it: the exporter on a thread of its own. Its end
// waits for what is left to be exported, two seconds at most.
class Tracing {
 public:
  // Null where tracing is off. What can't be used is told in the log; tracing never keeps a program from its
  // messages.
  static std::unique_ptr<Tracing> start(std::string const& program, base::Environment const& environment,
                                        Trust const& trust, base::Log& log);
  ~Tracing();

  // What became of the spans, for as long as anybody asks.
  std::shared_ptr<Spans const> spans() const;
  Tracer tracer(base::Clock& clock, base::Random& random);

 private:
  class Thread;
  explicit Tracing(std::unique_ptr<Thread> thread);
  std::unique_ptr<Thread> thread_;
};

}  // namespace app::tracing
