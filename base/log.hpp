#pragma once

#include <span>
#include <string>
#include <string_view>

namespace base {

enum class Level { trace, debug, info, warning, error };

std::string_view to_string(Level level);

// One key and value beside a log line, e.g. {"run", "a"}.
struct Field {
  std::string_view key;
  std::string_view value;
};

// Where libraries report what a caller can't see in a result. Never pass a secret.
class Log {
 public:
  virtual ~Log() = default;
  virtual bool wants(Level level) const = 0;
  virtual void write(Level level, std::string_view text, std::span<Field const> fields) = 0;

  void write(Level level, std::string_view text) { write(level, text, std::span<Field const>()); }
};

// Drops everything.
class NoLog final : public Log {
 public:
  using Log::write;
  bool wants(Level) const override { return false; }
  void write(Level, std::string_view, std::span<Field const>) override {}
};

}  // namespace base
