#include "app/screen.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace app {

namespace {

void put(std::string const& text) {
  // A terminal that has gone away is no reason to end a run.
  [[maybe_unused]] auto const written = std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

bool stderr_is_terminal(base::Environment const& environment) {
  auto const kind = environment.get("TERM");
  return isatty(STDERR_FILENO) == 1 && kind && *kind != "dumb";
}

std::size_t terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string clipped(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  for (std::size_t taken = 0; at < text.size(); ++at) {
    if (continues(text[at])) continue;
    if (taken++ == columns) break;
  }
  return std::string(text.substr(0, at));
}

void Screen::erase() {
  if (drawn_ == 0) return;
  put("\r\x1b[" + std::to_string(drawn_) + "A\x1b[J");
  drawn_ = 0;
}

void Screen::draw() {
  auto const columns = terminal_columns();
  std::string text;
  for (auto const& line : lines_) text += clipped(line, columns - 1) + '\n';
  put(text);
  drawn_ = lines_.size();
}

void Screen::show(std::vector<std::string> const& lines) {
  std::scoped_lock const lock(mutex_);
  erase();
  lines_ = lines;
  draw();
}

void Screen::clear() {
  std::scoped_lock const lock(mutex_);
  erase();
  lines_.clear();
}

void Screen::write(base::Level level, std::string_view text, std::span<base::Field const> fields) {
  std::scoped_lock const lock(mutex_);
  erase();
  log_.write(level, text, fields);
  if (!lines_.empty()) draw();
}

}  // namespace app
