#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "base/environment.hpp"
#include "base/log.hpp"

namespace app {

// Whether stderr is a terminal that can be drawn on.
bool stderr_is_terminal(base::Environment const& environment);
// How many columns stderr's terminal has; 80 where it does not tell.
std::size_t terminal_columns();
// The text's first `columns` characters. Each character is taken as one column.
std::string clipped(std::string_view text, std::size_t columns);

// A few lines at the foot of stderr that are drawn again and again, with the log above them. Safe to use from
// several threads.
class Screen final : public base::Log {
 public:
  explicit Screen(base::Log& log) : log_(log) {}
  ~Screen() override { clear(); }

  // Draws `lines` in place of those drawn before.
  void show(std::vector<std::string> const& lines);
  // Leaves nothing behind.
  void clear();

  bool wants(base::Level level) const override { return log_.wants(level); }
  void write(base::Level level, std::string_view text, std::span<base::Field const> fields) override;
  using base::Log::write;

 private:
  void erase();
  void draw();

  base::Log& log_;
  std::mutex mutex_;
  std::vector<std::string> lines_;
  std::size_t drawn_ = 0;
};

}  // namespace app
