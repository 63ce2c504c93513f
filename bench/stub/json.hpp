#pragma once

#include <string>
#include <string_view>

// Reads well-formed JSON in place, without a document: what is malformed reads as absent.
namespace stub::json {

// The value at the front of `text`, which is moved behind it.
std::string_view take_value(std::string_view& text);

// The raw value under `name`; empty where `object` has none or is no object.
std::string_view member(std::string_view object, std::string_view name);

// The first member's value and, in `name`, its name; empty for an empty object.
std::string_view first_member(std::string_view object, std::string_view& name);

// Takes the next member off an object's inside, which is to begin with the whole object.
class Members {
 public:
  explicit Members(std::string_view object);
  bool next(std::string_view& name, std::string_view& value);  // the value is raw

 private:
  std::string_view rest_;
};

// What stands between the quotes, escapes as they are; empty for what is no string.
std::string_view text(std::string_view value);

// The text that an escaped one means.
std::string unescaped(std::string_view escaped);

// Takes the next item off an array's inside, which is to begin with the whole array.
class Items {
 public:
  explicit Items(std::string_view array);
  bool next(std::string_view& item);

 private:
  std::string_view rest_;
};

}  // namespace stub::json
