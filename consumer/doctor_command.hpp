#pragma once

#include "app/common.hpp"
#include "base/environment.hpp"
#include "base/log.hpp"

namespace consumer {

// `consumer doctor`: may this identity receive, acknowledge, extend, dead-letter and write rows?
class DoctorCommand {
 public:
  app::Command describe();
  app::Common const& common() const { return common_; }
  base::Result<int> run(app::Command const& command, base::Environment const& environment, base::Log& log);

 private:
  app::Common common_;
  std::string dead_letter_;
  std::uint64_t max_receives_ = 5;
  std::chrono::microseconds lease_{60'000'000};
  bool probe_ = false;
};

}  // namespace consumer
