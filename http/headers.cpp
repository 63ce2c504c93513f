#include "http/headers.hpp"

#include "base/encoding.hpp"

namespace http {

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (auto const& field : fields_) {
    if (field.name != name.size()) continue;
    auto const [known, value] = view(text_.data(), field);
    if (base::iequals(known, name)) return value;
  }
  return std::nullopt;
}

void Headers::set(std::string_view name, std::string_view value) {
  erase(name);
  add(name, value);
}

void Headers::add(std::string_view name, std::string_view value) {
  // A request's own and the signature's; a reply tells how much it has.
  if (fields_.capacity() == 0) reserve(8, 480);
  Field const field{static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size()),
                    static_cast<std::uint32_t>(value.size())};
  text_.append(name);
  text_.append(value);
  fields_.push_back(field);
}

void Headers::erase(std::string_view name) {
  std::erase_if(fields_, [this, name](Field const& field) {
    return field.name == name.size() && base::iequals(view(text_.data(), field).name, name);
  });
}

void Headers::reserve(std::size_t fields, std::size_t bytes) {
  fields_.reserve(fields);
  text_.reserve(bytes);
}

void Headers::truncate(std::size_t fields) {
  if (fields >= fields_.size()) return;
  fields_.resize(fields);
  text_.resize(fields_.empty() ? 0 : fields_.back().at + fields_.back().name + fields_.back().value);
}

}  // namespace http
