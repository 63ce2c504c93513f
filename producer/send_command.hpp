#pragma once

#include "app/common.hpp"
#include "app/endpoint/endpoint.hpp"
#include "base/environment.hpp"
#include "base/log.hpp"
#include "producer/checks.hpp"

namespace producer {

// `producer send`: its options, and what it does with them.
class SendCommand {
 public:
  app::Command describe();
  app::Common const& common() const { return common_; }
  // Generates the load and prints the summary. invalid and the like: nothing more than a first message was
  // sent; the sentence is for the user, the exit code 2.
  base::Result<int> run(app::Command const& command, base::Environment const& environment, base::Log& log);

 private:
  app::Common common_;
  app::EndpointOptions endpoint_;
  SendOptions options_;
  std::uint64_t count_ = 0;
  std::chrono::microseconds ttl_{0};
};

}  // namespace producer
