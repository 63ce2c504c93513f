#pragma once

#include "app/common.hpp"
#include "base/environment.hpp"
#include "base/log.hpp"

namespace producer {

// `producer doctor`: may this identity send, and audit where a table is named?
class DoctorCommand {
 public:
  app::Command describe();
  app::Common const& common() const { return common_; }
  base::Result<int> run(app::Command const& command, base::Environment const& environment, base::Log& log);

 private:
  app::Common common_;
  bool probe_ = false;
};

}  // namespace producer
