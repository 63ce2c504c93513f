#include "base/environment.hpp"

#include <unistd.h>

namespace base {

Environment Environment::of_process() {
  std::map<std::string, std::string, std::less<>> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    std::string_view const text(*entry);
    auto const equals = text.find('=');
    if (equals != std::string_view::npos) variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return Environment(std::move(variables));
}

std::optional<std::string> Environment::get(std::string_view name) const {
  auto const found = variables_.find(name);
  if (found == variables_.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

std::vector<std::string> Environment::names(std::string_view prefix) const {
  std::vector<std::string> matching;
  for (auto it = variables_.lower_bound(prefix); it != variables_.end() && it->first.starts_with(prefix);
       ++it)
    matching.push_back(it->first);
  return matching;
}

}  // namespace base
