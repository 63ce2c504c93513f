#include "storage/core/table.hpp"

namespace storage {

std::optional<std::string> Entity::text(std::string_view name) const {
  auto const found = values.find(name);
  if (found == values.end()) return std::nullopt;
  if (auto const* number = std::get_if<std::int64_t>(&found->second)) return std::to_string(*number);
  return std::get<std::string>(found->second);
}

}  // namespace storage
