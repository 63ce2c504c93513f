#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace http {

// A view of one field, good until the fields that it is of change.
struct Header {
  std::string_view name;
  std::string_view value;
};

// Header fields in order; names compare without case (RFC 9110 section 5.1). All of their text stands in one
// string, since most of it is written once and read once: at most 4 GiB.
class Headers {
  struct Field {
    std::uint32_t at;    // of the name in text_; the value stands behind it
    std::uint32_t name;  // bytes
    std::uint32_t value;
  };

 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Header;
    using difference_type = std::ptrdiff_t;
    using pointer = Header const*;
    using reference = Header;

    Iterator(char const* text, Field const* field) : text_(text), field_(field) {}
    Header operator*() const { return view(text_, *field_); }
    Iterator& operator++() {
      ++field_;
      return *this;
    }
    bool operator==(Iterator const& other) const { return field_ == other.field_; }

   private:
    char const* text_;
    Field const* field_;
  };

  // The first value under `name`; a view, good until the fields change.
  std::optional<std::string_view> find(std::string_view name) const;
  // Replaces every field of that name by one, which is the last.
  void set(std::string_view name, std::string_view value);
  void add(std::string_view name, std::string_view value);
  void erase(std::string_view name);
  // Room for that many fields whose names and values have so many bytes together.
  void reserve(std::size_t fields, std::size_t bytes);
  // Only the first so many remain.
  void truncate(std::size_t fields);
  std::size_t size() const { return fields_.size(); }
  bool empty() const { return fields_.empty(); }
  Iterator begin() const { return {text_.data(), fields_.data()}; }
  Iterator end() const { return {text_.data(), fields_.data() + fields_.size()}; }

 private:
  static Header view(char const* text, Field const& field) {
    return {{text + field.at, field.name}, {text + field.at + field.name, field.value}};
  }

  std::string text_;
  std::vector<Field> fields_;
};

}  // namespace http
