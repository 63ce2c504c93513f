#include "app/logging.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "app/folding.hpp"
#include "base/time.hpp"

namespace app {

namespace {

spdlog::level::level_enum level_of(base::Level level) {
  switch (level) {
    case base::Level::trace:
      return spdlog::level::trace;
    case base::Level::debug:
      return spdlog::level::debug;
    case base::Level::info:
      return spdlog::level::info;
    case base::Level::warning:
      return spdlog::level::warn;
    case base::Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

class TextLog final : public base::Log {
 public:
  explicit TextLog(base::Level level)
      : logger_("text", std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>()) {
    logger_.set_pattern("%H:%M:%S.%e %^%-7l%$ %v", spdlog::pattern_time_type::utc);
    logger_.set_level(level_of(level));
  }
  bool wants(base::Level level) const override { return logger_.should_log(level_of(level)); }
  void write(base::Level level, std::string_view text, std::span<base::Field const> fields) override {
    if (!wants(level)) return;
    std::string line(text);
    for (auto const& field : fields) line.append("  ").append(field.key).append("=").append(field.value);
    logger_.log(level_of(level), line);
  }

 private:
  spdlog::logger logger_;
};

class JsonLog final : public base::Log {
 public:
  JsonLog(base::Level level, std::string program)
      : logger_("json", std::make_shared<spdlog::sinks::stderr_sink_mt>()), program_(std::move(program)) {
    logger_.set_pattern("%v");
    logger_.set_level(level_of(level));
  }
  bool wants(base::Level level) const override { return logger_.should_log(level_of(level)); }
  void write(base::Level level, std::string_view text, std::span<base::Field const> fields) override {
    if (!wants(level)) return;
    auto const now = base::stamp(std::chrono::system_clock::now());
    logger_.log(level_of(level), log_line(now, level, program_, text, fields));
  }

 private:
  spdlog::logger logger_;
  std::string program_;
};

}  // namespace

std::string log_line(std::string_view time, base::Level level, std::string_view program,
                     std::string_view text, std::span<base::Field const> fields) {
  nlohmann::ordered_json line;
  // "2026-11-22 01:02:03.000004" to RFC 3339.
  std::string rfc3339(time);
  if (rfc3339.size() > 10) rfc3339[10] = 'T';
  line["time"] = rfc3339 + 'Z';
  line["level"] = base::to_string(level);
  line["program"] = program;
  line["message"] = text;
  for (auto const& field : fields) {
    std::string key(field.key);
    if (line.contains(key)) key += '_';  // the line's own keys stay what they are
    line[key] = field.value;
  }
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::unique_ptr<base::Log> make_log(base::Level level, LogFormat format, std::string const& program) {
  bool const terminal = isatty(STDERR_FILENO) == 1;
  std::unique_ptr<base::Log> log;
  if (format == LogFormat::text || (format == LogFormat::automatic && terminal))
    log = std::make_unique<TextLog>(level);
  else
    log = std::make_unique<JsonLog>(level, program);
  return std::make_unique<Folding>(std::move(log));
}

}  // namespace app
