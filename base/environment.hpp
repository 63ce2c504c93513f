#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace base {

// The environment variables, taken once in main and handed down: libraries never call getenv.
class Environment {
 public:
  Environment() = default;
  explicit Environment(std::map<std::string, std::string, std::less<>> variables)
      : variables_(std::move(variables)) {}
  // Takes `environ` as it is now.
  static Environment of_process();

  // A variable that is set but empty counts as not set.
  std::optional<std::string> get(std::string_view name) const;
  bool has(std::string_view name) const { return get(name).has_value(); }
  // Names that begin with `prefix`, in order.
  std::vector<std::string> names(std::string_view prefix) const;

 private:
  std::map<std::string, std::string, std::less<>> variables_;
};

}  // namespace base
