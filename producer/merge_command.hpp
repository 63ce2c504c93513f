#pragma once

#include <string>
#include <vector>

#include "app/common.hpp"
#include "base/environment.hpp"
#include "base/log.hpp"

namespace producer {

// `producer merge`: the summaries of a run's instances as one.
class MergeCommand {
 public:
  app::Command describe();
  app::Common const& common() const { return common_; }
  base::Result<int> run(app::Command const& command, base::Environment const& environment, base::Log& log);

 private:
  app::Common common_;
  std::vector<std::string> files_;
};

}  // namespace producer
