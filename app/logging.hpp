#pragma once

#include <memory>
#include <string>

#include "base/log.hpp"

namespace app {

enum class LogFormat { automatic, text, json };

// Writes to stderr: coloured lines for people on a terminal, one JSON object a line for collectors. Trouble
// that repeats is folded (app/folding.hpp). Safe to use from several threads.
std::unique_ptr<base::Log> make_log(base::Level level, LogFormat format, std::string const& program);

// The JSON line for an event, without its line end. Text that is not UTF-8 is made so.
std::string log_line(std::string_view time, base::Level level, std::string_view program,
                     std::string_view text, std::span<base::Field const> fields);

}  // namespace app
