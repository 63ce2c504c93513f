#include "app/folding.hpp"

#include <algorithm>

namespace app {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_id(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '-'; }

}  // namespace

std::string kind_of(std::string_view text) {
  constexpr std::size_t longest = 120;
  constexpr std::size_t least_id = 8;  // shorter ones are words as often as not
  std::string kind;
  for (std::size_t i = 0; i < text.size() && kind.size() < longest;) {
    auto const id = static_cast<std::size_t>(
        std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(i), text.end(), is_id) - text.begin());
    auto const part = text.substr(i, id - i);
    if (part.size() >= least_id && std::any_of(part.begin(), part.end(), is_digit)) {
      kind += '#';
      i = id;
    } else if (is_digit(text[i])) {
      kind += '#';
      while (i < text.size() && is_digit(text[i])) ++i;
    } else {
      kind += text[i++];
    }
  }
  return kind;
}

Folding::Folding(std::unique_ptr<base::Log> inner, Now now)
    : inner_(std::move(inner)), now_(std::move(now)) {}

Folding::~Folding() {
  timekeeper_ = {};  // joins
  for (auto& [name, kind] : kinds_) write_folded(kind);
}

void Folding::write(base::Level level, std::string_view text, std::span<base::Field const> fields) {
  if (level < base::Level::warning || inner_->wants(base::Level::debug)) {
    inner_->write(level, text, fields);
    return;
  }
  std::scoped_lock const lock(mutex_);
  auto const now = now_();
  write_due(now);
  auto name = kind_of(text);
  auto found = kinds_.find(name);
  if (found == kinds_.end() && kinds_.size() >= most_kinds) {
    name.clear();
    found = kinds_.find(name);
  }
  if (found == kinds_.end()) {
    kinds_[name].until = now + window;
    inner_->write(level, text, fields);
    return;
  }
  auto& kind = found->second;
  ++kind.repeated;
  kind.level = level;
  kind.text = text;
  kind.fields.clear();
  for (auto const& field : fields) kind.fields.emplace_back(field.key, field.value);
  if (!timekeeper_.joinable())
    timekeeper_ = std::jthread([this](std::stop_token const& stop) { keep_time(stop); });
}

void Folding::write_folded(Kind& kind) {
  if (kind.repeated == 0) return;
  auto const repeated = std::to_string(kind.repeated);
  std::vector<base::Field> fields;
  for (auto const& [key, value] : kind.fields) fields.push_back({key, value});
  fields.push_back({"repeated", repeated});
  inner_->write(kind.level, kind.text, fields);
  kind.repeated = 0;
}

void Folding::write_due(base::Steady now) {
  for (auto each = kinds_.begin(); each != kinds_.end();) {
    auto& kind = each->second;
    if (kind.until > now) {
      ++each;
    } else if (kind.repeated > 0) {
      write_folded(kind);
      kind.until = now + window;  // it goes on: the next line of it waits as well
      ++each;
    } else {
      each = kinds_.erase(each);
    }
  }
}

void Folding::write_due() {
  std::scoped_lock const lock(mutex_);
  write_due(now_());
}

void Folding::keep_time(std::stop_token const& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    woken_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
    write_due(now_());
  }
}

}  // namespace app
