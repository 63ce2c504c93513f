#include "app/program.hpp"

#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include "app/dumps.hpp"
#include "app/summary.hpp"

namespace app {

namespace {

int fail(std::string const& program, std::string const& sentence, int code) {
  std::fprintf(stderr, "%s: %s\n", program.c_str(), sentence.c_str());
  return code;
}

}  // namespace

int run_program(std::string const& program, std::vector<Action> actions, int argc, char const* const* argv) {
  forbid_core_images();
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of one write, not the end of the process
  std::vector<Command> commands;
  commands.reserve(actions.size());
  for (auto const& action : actions) commands.push_back(action.command);
  try {
    auto const environment = base::Environment::of_process();
    auto const parsed = parse(program, commands, argc, argv, environment);
    if (!parsed) return fail(program, parsed.error().message, exit_usage);
    if (parsed->print) return print(*parsed->print) ? exit_done : exit_partly;
    auto const& action = actions[static_cast<std::size_t>(parsed->command - commands.data())];
    auto const log = make_log(action.common->log_level, action.common->log_format, program);
    for (auto const& warning : parsed->warnings) log->write(base::Level::warning, warning);
    auto const code = action.run(*parsed->command, environment, *log);
    if (code) return *code;
    return fail(program, base::describe(code.error()),
                code.error().code == base::Errc::cancelled ? exit_partly : exit_usage);
  } catch (std::bad_alloc const&) {
    return fail(program, "out of memory; nothing that was acknowledged is lost", exit_partly);
  } catch (std::exception const& error) {
    return fail(program, std::string("stopped by an error in the program itself: ") + error.what(),
                exit_partly);
  }
}

}  // namespace app
