#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace http {

struct Header {
  std::string name;
  std::string value;
};

// Header fields in order; names compare without case (RFC 9110 section 5.1).
class Headers {
 public:
  // The first value under `name`, or nullptr.
  std::string const* find(std::string_view name) const;
  // Replaces every field of that name by one.
  void set(std::string_view name, std::string value);
  void add(std::string name, std::string value) { fields_.push_back({std::move(name), std::move(value)}); }
  void erase(std::string_view name);
  bool empty() const { return fields_.empty(); }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<Header> fields_;
};

}  // namespace http
