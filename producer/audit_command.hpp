#pragma once

#include <vector>

#include "app/common.hpp"
#include "base/environment.hpp"
#include "base/log.hpp"
#include "producer/manifest.hpp"

namespace producer {

// `producer audit`: is every message of a run persisted, once and unharmed?
class AuditCommand {
 public:
  app::Command describe();
  app::Common const& common() const { return common_; }
  base::Result<int> run(app::Command const& command, base::Environment const& environment, base::Log& log);

 private:
  base::Result<std::vector<Manifest>> expectation(app::Command const& command) const;

  app::Common common_;
  std::string run_;
  std::string report_;
  std::vector<std::string> beside_;  // series files
  std::vector<std::string> manifests_;
  std::uint64_t count_ = 0;
  std::string dead_letter_;
};

}  // namespace producer
