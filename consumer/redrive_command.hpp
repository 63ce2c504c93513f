#pragma once

#include "app/common.hpp"
#include "base/environment.hpp"
#include "base/log.hpp"
#include "consumer/redrive.hpp"

namespace consumer {

// `consumer redrive`: dead letters go back to their queue, or are listed.
class RedriveCommand {
 public:
  app::Command describe();
  app::Common const& common() const { return common_; }
  base::Result<int> run(app::Command const& command, base::Environment const& environment, base::Log& log);

 private:
  app::Common common_;
  RedriveSettings settings_;
  std::uint64_t limit_ = 0;
  std::string dead_letter_;
};

}  // namespace consumer
