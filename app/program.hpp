#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/common.hpp"
#include "app/options.hpp"
#include "base/environment.hpp"
#include "base/log.hpp"

namespace app {

// One command of a program: how it is described and what it does.
struct Action {
  Command command;
  Common const* common;  // what the command's options fill
  std::function<base::Result<int>(Command const&, base::Environment const&, base::Log&)> run;
};

// The whole of main: parses, logs, runs, and turns what can go wrong into one sentence and an exit code.
int run_program(std::string const& program, std::vector<Action> actions, int argc, char const* const* argv);

}  // namespace app
