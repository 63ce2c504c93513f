#include "stub/table.hpp"

namespace stub {

bool Table::put(std::string key, std::string_view json) {
  auto const [found, fresh] = places_.try_emplace(std::move(key), rows_.size());
  if (fresh)
    rows_.emplace_back(json);
  else
    rows_[found->second].assign(json);
  return fresh;
}

std::string const* Table::find(std::string const& key) const {
  auto const found = places_.find(key);
  return found == places_.end() ? nullptr : &rows_[found->second];
}

bool Table::erase(std::string const& key) {
  auto const found = places_.find(key);
  if (found == places_.end()) return false;
  rows_[found->second].clear();
  places_.erase(found);
  return true;
}

std::size_t Table::place_of(std::string const& key) const {
  auto const found = places_.find(key);
  return found == places_.end() ? slots() : found->second;
}

void Table::clear() {
  places_.clear();
  rows_.clear();
}

}  // namespace stub
