#include "http/headers.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace http {

std::string const* Headers::find(std::string_view name) const {
  auto const found = std::find_if(fields_.begin(), fields_.end(),
                                  [name](Header const& h) { return base::iequals(h.name, name); });
  return found == fields_.end() ? nullptr : &found->value;
}

void Headers::set(std::string_view name, std::string value) {
  erase(name);
  fields_.push_back({std::string(name), std::move(value)});
}

void Headers::erase(std::string_view name) {
  std::erase_if(fields_, [name](Header const& h) { return base::iequals(h.name, name); });
}

}  // namespace http
