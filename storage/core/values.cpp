#include "storage/core/values.hpp"

#include <algorithm>
#include <stdexcept>

namespace storage {

Values::Values(std::initializer_list<value_type> values) {
  values_.reserve(values.size());
  for (auto const& [name, value] : values) emplace(name, value);
}

// Where the name stands, or would.
Values::const_iterator Values::place(std::string_view name) const {
  if (values_.empty() || values_.back().first < name) return values_.end();
  return std::lower_bound(
      values_.begin(), values_.end(), name,
      [](value_type const& value, std::string_view wanted) { return value.first < wanted; });
}

Value& Values::operator[](std::string_view name) {
  auto const at = place(name);
  auto const index = at - values_.begin();
  if (at != values_.end() && at->first == name) return values_[static_cast<std::size_t>(index)].second;
  return values_.emplace(at, std::string(name), Value())->second;
}

Value const& Values::at(std::string_view name) const {
  auto const found = find(name);
  if (found == end()) throw std::out_of_range("the row has no such value");
  return found->second;
}

std::pair<Values::iterator, bool> Values::emplace(std::string name, Value value) {
  auto const at = place(name);
  if (at != values_.end() && at->first == name) return {values_.begin() + (at - values_.begin()), false};
  return {values_.emplace(at, std::move(name), std::move(value)), true};
}

Values::iterator Values::find(std::string_view name) {
  return values_.begin() + (std::as_const(*this).find(name) - values_.begin());
}

Values::const_iterator Values::find(std::string_view name) const {
  auto const at = place(name);
  return at != values_.end() && at->first == name ? at : values_.end();
}

std::size_t Values::erase(std::string_view name) {
  auto const found = find(name);
  if (found == end()) return 0;
  values_.erase(found);
  return 1;
}

}  // namespace storage
