#pragma once

#include "app/common.hpp"
#include "app/endpoint/endpoint.hpp"
#include "app/seeing.hpp"
#include "base/environment.hpp"
#include "base/log.hpp"
#include "consumer/settings.hpp"

namespace consumer {

// `consumer run`: its options, and what it does with them.
class RunCommand {
 public:
  app::Command describe();
  app::Common const& common() const { return common_; }
  // Works until stopped, drained or --count is reached, then prints the summary.
  base::Result<int> run(app::Command const& command, base::Environment const& environment, base::Log& log);

 private:
  app::Common common_;
  Settings settings_;
  app::EndpointOptions endpoint_;
  app::Seeing seeing_;
  std::uint64_t count_ = 0;
  std::chrono::microseconds lease_{60'000'000};
};

}  // namespace consumer
