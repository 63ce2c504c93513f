#pragma once

#include <memory>

#include "storage/core/examination.hpp"
#include "storage/core/queue.hpp"
#include "storage/core/table.hpp"
#include "storage/core/uri.hpp"

namespace storage {

// As OpenTelemetry's messaging.system and db.system.name.
struct Systems {
  std::string messaging;
  std::string db;
};

// One family of services behind one kind of URI: where queues and tables of one event loop come from, and
// what they share (connections, credentials, retry budget). Outlives them.
class Cloud {
 public:
  virtual ~Cloud() = default;
  // Whether the URI is meant for this cloud, by its scheme or host. Does not say that it is well formed.
  virtual bool claims(Uri const& uri) const = 0;
  virtual Systems systems() const { return {"other", "other"}; }
  // No I/O. invalid: a malformed URI, a name that the service forbids, or settings in the environment that
  // are missing or contradict the URI. The caller opens what it gets.
  virtual Result<std::unique_ptr<Queue>> queue(Uri const& uri) = 0;
  virtual Result<std::unique_ptr<Table>> table(Uri const& uri) = 0;
  // No I/O; errors as above. A cloud that can't be examined says so.
  virtual Result<std::unique_ptr<Examination>> examine_queue(Uri const& uri, QueueUse const&) {
    return not_examined(uri);
  }
  virtual Result<std::unique_ptr<Examination>> examine_table(Uri const& uri, TableUse const&) {
    return not_examined(uri);
  }

 private:
  static Error not_examined(Uri const& uri) {
    return {Errc::invalid, '"' + uri.text + "\" is of a kind that doctor can't examine"};
  }
};

}  // namespace storage
