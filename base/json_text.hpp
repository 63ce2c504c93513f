#pragma once

#include <string>
#include <string_view>

namespace base {

// Which controls have an escape of their own; the others are written as \u00XX, in lower case.
enum class JsonEscapes {
  common,  // \n \r \t
  all      // these and \b \f, letter for letter what nlohmann-json writes
};

// Appends a text as a JSON string (RFC 8259, section 7), quotes and all. What is no ASCII stays as it is: the
// text must be UTF-8.
void append_json(std::string& out, std::string_view utf8, JsonEscapes escapes = JsonEscapes::common);

}  // namespace base
